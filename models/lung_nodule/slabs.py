"""A volume as the net reads it: stacks of slices, each cut to the lungs, never more than a few in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.models.lung_nodule.lung import Lung
from cdss.models.lung_nodule.stack import DEPTH, SLICE_MM, resampled, stack, windowed
from cdss.models.lung_nodule.volume import Volume

STEP_MM = 2.0  # a stack about every so often: half of the smallest nodule of interest
RIM_MM = 12.0  # looked at around the lungs, so that a nodule on the pleura has its surroundings


@dataclass(frozen=True, slots=True)
class Slab:
    """What the net is given for one slice: `stack` (DEPTH, h, w); `corner` (row, column), its upper left voxel."""

    stack: NDArray[np.float32]
    slice: int
    corner: tuple[int, int]


def slabs(volume: Volume, spacing_mm: tuple[float, float, float], lungs: Lung) -> Iterator[Slab]:
    """A slab for every slice that is looked at, from the first that shows lung to the last."""
    stride = max(1, round(STEP_MM / spacing_mm[0]))
    reach = int(np.ceil((DEPTH // 2) * SLICE_MM / spacing_mm[0]))
    first, last = _ends(lungs, len(volume))
    for number in range(first, last, stride):
        area = _area(lungs.mask[number // lungs.step[0]], lungs, volume.shape[1:], spacing_mm)
        if area is None:
            continue
        low, high = max(0, number - reach), min(len(volume), number + reach + 1)
        near = stack(windowed(volume[low:high, area[0], area[1]]), number - low, spacing_mm[0])
        yield Slab(resampled(near, (spacing_mm[1], spacing_mm[2])), number, (area[0].start, area[1].start))


def _ends(lungs: Lung, slices: int) -> tuple[int, int]:
    along = lungs.box()[0]
    return along.start, min(along.stop, slices)


def _area(
    mask: NDArray[np.bool_], lungs: Lung, shape: tuple[int, ...], spacing_mm: tuple[float, float, float]
) -> tuple[slice, slice] | None:
    """Rows and columns around the lungs of one coarse slice; None where it shows none."""
    if not mask.any():
        return None
    sides = []
    for axis in (0, 1):
        hit = np.flatnonzero(mask.any(axis=1 - axis))
        rim = round(RIM_MM / spacing_mm[axis + 1])
        step = lungs.step[axis + 1]
        sides.append(slice(max(0, int(hit[0]) * step - rim), min(shape[axis], int(hit[-1] + 1) * step + rim)))
    return sides[0], sides[1]
