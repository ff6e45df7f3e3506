"""How large a nodule is, and of which attenuation, from the voxels that belong to it.

Axes as radiologists take them: the longest in the axial slice that shows most of the nodule, and across it in the same
slice; the diameter for management is their mean (Fleischner Society: MacMahon 2017, Radiology 284:228; Bankier 2017,
Radiology 285:584). What cannot be told is None; the net's own diameter then stands alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.finding import Attenuation, Nodule
from cdss.models.lung_nodule.outline import FOOT, PIXELS, Inside, Outline, outline

Mask = NDArray[np.bool_]
Triple = tuple[float, float, float]

ANGLES = np.arange(36) * np.pi / 36
FEWEST_PIXELS = 12  # of the grid, which shows a nodule as 16 px wide
LEAST_STEP = 100.0  # HU between the nodule and the lung around it; less is noise
LIKELY = (0.5, 1.8)  # the measured diameter over the one to expect; beyond it the outline leaked or missed
SOLID_HU = -400.0
RIM = 2  # px of the outline that are left out for the attenuation: half air
SOLID_FROM, GLASS_BELOW = 0.9, 0.5  # share of the voxels inside that are above SOLID_HU
PALE_FROM_MM = 5.0  # in smaller nodules air at the rim makes solid tissue look like ground glass
ROUND_SLICES = 3  # slices that have to show a nodule for a volume


@dataclass(frozen=True, slots=True)
class Measured:
    """A nodule's size. `volume_mm3` and `attenuation` are None where they cannot be told.

    The volume needs at least ROUND_SLICES slices that show the nodule, and lung above and below it.
    """

    long_mm: float
    short_mm: float
    volume_mm3: float | None
    attenuation: Attenuation | None

    @property
    def diameter_mm(self) -> float:
        """The mean of both axes, not rounded."""
        return (self.long_mm + self.short_mm) / 2


def sized(
    volume: NDArray[Any],
    spacing_mm: Triple,
    score: float,
    centre: Triple,
    diameter_mm: float,
    inside: tuple[Inside, ...] = (),
) -> Nodule:
    """What the net found, with its size: measured where that is possible, else as the net took it."""
    size = measure(volume, spacing_mm, centre, diameter_mm, inside)
    if size is None:
        return Nodule(score, centre, diameter_mm)
    return Nodule(
        score,
        centre,
        size.diameter_mm,
        measured=True,
        long_mm=size.long_mm,
        short_mm=size.short_mm,
        volume_mm3=size.volume_mm3,
        attenuation=size.attenuation,
    )


def measure(
    volume: NDArray[Any],
    spacing_mm: Triple,
    centre: Triple,
    diameter_mm: float,
    inside: tuple[Inside, ...] = (),
    excerpt: bool = False,
) -> Measured | None:
    """The nodule at `centre` (slice, row, column in voxels) that the net took for `diameter_mm` wide.

    `volume` is in HU. `inside`: what the net said of the slices around, if it says what is inside a nodule. `excerpt`:
    the volume was cut out of a CT that goes on, so that its first and last slices are no ends.
    None where the nodule is largest at an end of the volume, does not stand out, or has no likely size.
    """
    found = outline(volume, spacing_mm, centre, diameter_mm, inside)
    areas = found.mask.sum(axis=(1, 2))
    widest = int(areas.argmax())
    ends = found.grid.slices[widest] in (0, len(volume) - 1)
    if areas[widest] < FEWEST_PIXELS or (ends and not excerpt) or not _stands_out(found, widest):
        return None
    long_mm, short_mm = axes(found.mask[widest], found.grid.pixel_mm)
    size_mm = (long_mm + short_mm) / 2
    if not LIKELY[0] <= size_mm / (found.grid.pixel_mm * PIXELS) <= LIKELY[1]:
        return None
    return Measured(long_mm, short_mm, _volume(found, len(volume)), _attenuation(found, widest, size_mm))


def _stands_out(found: Outline, widest: int) -> bool:
    """Whether the tissue is brighter than the darker half of what lies around it."""
    flat = found.hu[widest]
    tissue = flat[found.tissue[widest]]
    return bool(len(tissue) and np.median(tissue) - np.percentile(flat[FOOT], 25) >= LEAST_STEP)


def axes(mask: Mask, pixel_mm: float) -> tuple[float, float]:
    """The longest width of a mask in one slice and the width across it, in mm, each between two parallel lines."""
    rows, columns = np.sin(ANGLES), np.cos(ANGLES)
    along = np.argwhere(mask) @ np.stack([rows, columns])
    widths = np.ptp(along, axis=0) + np.maximum(np.abs(rows), np.abs(columns))
    longest = int(widths.argmax())
    return float(widths[longest] * pixel_mm), float(widths[(longest + len(ANGLES) // 2) % len(ANGLES)] * pixel_mm)


def _volume(found: Outline, slices: int) -> float | None:
    """In mm3; None where the nodule reaches an end of the volume or of what was looked at, or is too flat."""
    grid = found.grid
    shown = np.flatnonzero(found.mask.any(axis=(1, 2)))
    ends = {0, slices - 1, int(grid.slices[0]), int(grid.slices[-1])}
    if len(shown) < ROUND_SLICES or ends & {int(grid.slices[shown[0]]), int(grid.slices[shown[-1]])}:
        return None
    return float(found.mask.sum() * grid.pixel_mm**2 * grid.slice_mm)


def _attenuation(found: Outline, widest: int, size_mm: float) -> Attenuation | None:
    core = _core(found.tissue[widest])
    if not core.any():
        return None
    share = float((found.hu[widest][core] > SOLID_HU).mean())
    if share >= SOLID_FROM:
        return "solid"
    if size_mm < PALE_FROM_MM:
        return None
    return "part-solid" if share >= GLASS_BELOW else "ground-glass"


def _core(mask: Mask) -> Mask:
    """The mask without its rim."""
    for _ in range(RIM):
        wide = np.pad(mask, 1)
        mask = mask & wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return mask
