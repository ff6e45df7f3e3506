"""Where the lungs are: air inside the body, closed over nodules that lie on the chest wall."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.models.card import Text
from cdss.models.lung_nodule import scope
from cdss.models.lung_nodule.components import label
from cdss.models.lung_nodule.volume import LungNotFound

Mask = NDArray[np.bool_]
Volume = NDArray[np.int16]
Spacing = tuple[float, float, float]

COARSE_MM = 3.0  # grid the lungs are looked for on
AIR = -400  # HU; below it is lung or air
LEAST_CM2 = 25.0  # of the slice that shows most lung: less is bowel, trachea or nothing
SHARE = 0.1  # a component smaller than this share of the largest is not a lung
CLOSE_MM = 12.0  # gaps this wide are closed: vessels, nodules on the pleura
MARGIN_MM = 4.0  # rim that is looked at around the closed lungs


@dataclass(frozen=True, slots=True)
class Lung:
    """The lungs on a coarse grid: `mask` (slice, row, column), each voxel `step` voxels of the volume on each axis.

    `seen` is what they measure, before anything is closed.
    """

    mask: Mask
    step: tuple[int, int, int]
    seen: scope.Seen

    def inside(self, points: NDArray[np.float64]) -> Mask:
        """Which points (n, 3), in voxels of the volume, lie in the lungs."""
        coarse = np.floor(points / self.step).astype(int).clip(0, np.asarray(self.mask.shape) - 1)
        hit: Mask = self.mask[tuple(coarse.T)]
        return hit

    def box(self) -> tuple[slice, slice, slice]:
        """The smallest block of the volume that holds all lung (may end a little beyond the volume)."""
        slices = []
        for axis, step in enumerate(self.step):
            others = tuple(i for i in range(3) if i != axis)
            hit = np.flatnonzero(self.mask.any(axis=others))
            slices.append(slice(int(hit[0]) * step, int(hit[-1] + 1) * step))
        return slices[0], slices[1], slices[2]


def find(volume: Volume, spacing_mm: Spacing) -> Lung:
    """The lungs of a volume (slice, row, column) in HU. Raises LungNotFound."""
    step = tuple(max(1, round(COARSE_MM / spacing)) for spacing in spacing_mm)
    size = tuple(a * b for a, b in zip(spacing_mm, step, strict=True))
    coarse = _shrunk(volume, (step[0], step[1], step[2]))
    lungs, outside = _parted(coarse < AIR)
    area = lungs.sum(axis=(1, 2)).max() * size[1] * size[2] / 100 if lungs.any() else 0.0
    if area < LEAST_CM2:
        raise LungNotFound("no_lung", _not_found(area))
    reach = [max(1, round(CLOSE_MM / each)) for each in size]
    margin = [max(1, round(MARGIN_MM / each)) for each in size]
    closed = ~_spread(~_spread(_bordered(lungs, reach), reach), reach)
    mask = _spread(_unbordered(closed, reach), margin)
    return Lung(mask, (step[0], step[1], step[2]), scope.seen(coarse, lungs, outside, size))


def _not_found(area: float) -> Text:
    return Text(
        zh=f"容积中未找到肺：最大层面仅 {area:.0f} cm²，至少需要 {LEAST_CM2:.0f} cm²；"
        "请提供以 HU 为单位的轴位胸部 CT。",
        en=f"No lung was found in the volume: found {area:.0f} cm2 of lung in the best slice, expected at least "
        f"{LEAST_CM2:.0f}; give an axial chest CT in HU, the whole body inside the image.",
    )


def _shrunk(volume: Volume, step: tuple[int, int, int]) -> NDArray[np.float32]:
    """Every `step`-th slice, the mean of `step` x `step` pixels in it; pixels beyond the last whole block repeat."""
    some = volume[:: step[0]]
    rows, columns = (-(-length // each) for length, each in zip(some.shape[1:], step[1:], strict=True))
    pad = ((0, 0), (0, rows * step[1] - some.shape[1]), (0, columns * step[2] - some.shape[2]))
    blocks = np.pad(some, pad, mode="edge").reshape(len(some), rows, step[1], columns, step[2])
    means: NDArray[np.float32] = blocks.mean(axis=(2, 4), dtype=np.float32)
    return means


def _parted(air: Mask) -> tuple[Mask, Mask]:
    """Lungs: components of air that do not reach the sides of the image and are not small; and those that do."""
    labels = label(air)
    outside = np.unique(
        np.concatenate([labels[:, edge].ravel() for edge in (0, -1)] + [labels[:, :, e].ravel() for e in (0, -1)])
    )
    around = np.isin(labels, outside) & air
    names, counts = np.unique(labels[air], return_counts=True)
    inner = ~np.isin(names, outside)
    if not inner.any():
        return np.zeros_like(air), around
    large = names[inner & (counts >= SHARE * counts[inner].max())]
    return np.isin(labels, large), around


def _bordered(mask: Mask, reach: list[int]) -> Mask:
    return np.pad(mask, [(each, each) for each in reach])


def _unbordered(mask: Mask, reach: list[int]) -> Mask:
    return mask[tuple(slice(each, -each) for each in reach)]


def _spread(mask: Mask, reach: list[int]) -> Mask:
    """True wherever something within the box of half-widths `reach` is true."""
    for axis, each in enumerate(reach):
        total = np.cumsum(np.pad(mask, [(each + 1, each) if i == axis else (0, 0) for i in range(3)]), axis=axis)
        ahead = [slice(None)] * 3
        behind = [slice(None)] * 3
        ahead[axis], behind[axis] = slice(2 * each + 1, None), slice(None, -2 * each - 1)
        mask = total[tuple(ahead)] > total[tuple(behind)]
    return mask
