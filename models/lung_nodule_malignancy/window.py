"""What the net sees of a nodule: seven slices of 45 mm around its middle, and only those that cut the nodule.

The crops it was trained on end where the nodule ends. Slices beyond are therefore empty (0) here too: a slice that
shows no nodule would be something the net never saw, and how many are known must not tell the size by itself.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.lung_nodule.stack import DEPTH, PLANE_MM, SLICE_MM, stack, windowed

Floats = NDArray[np.float32]
Place = tuple[float, float, float]

SIDE = 64  # px of PLANE_MM
LEAST_MM, MOST_MM = 2.0, 45.0  # diameter; smaller ones were not rated, larger ones do not fit the window


def within(shape: tuple[int, ...], spacing_mm: Place, centre: Place, diameter_mm: float) -> bool:
    """Whether the whole nodule lies in a volume of `shape`, and is of a size that the net was made for.

    False for anything that is not a number.
    """
    if not all(map(math.isfinite, (*centre, *spacing_mm, diameter_mm))) or not LEAST_MM <= diameter_mm <= MOST_MM:
        return False
    reach = [diameter_mm / 2 / each for each in spacing_mm]
    return all(
        at - radius >= -0.5 and at + radius <= length - 0.5
        for at, radius, length in zip(centre, reach, shape, strict=True)
    )


def window(volume: NDArray[Any], spacing_mm: Place, centre: Place, diameter_mm: float) -> Floats:
    """(DEPTH, SIDE, SIDE) in [0, 1] around voxel `centre` (slice, row, column) of a volume in HU.

    Slices farther from the middle than the nodule's radius, or beyond the volume, are 0; pixels beyond it repeat its
    edge.
    """
    between = spacing_mm[0]
    reach = math.ceil((DEPTH // 2) * SLICE_MM / between) + 1
    low = max(0, math.floor(centre[0]) - reach)
    rows, columns = (_span(*each) for each in zip(centre[1:], spacing_mm[1:], volume.shape[1:], strict=True))
    near = windowed(volume[low : math.ceil(centre[0]) + reach + 1, rows, columns])
    seen = stack(near, centre[0] - low, between)
    seen[~cutting(diameter_mm, between)] = 0
    return centred(seen, (centre[1] - rows.start, centre[2] - columns.start), spacing_mm[1:], SIDE)


def cutting(diameter_mm: float, slice_mm: float) -> NDArray[np.bool_]:
    """(DEPTH,) which slices of a stack cut a nodule in its middle, half a slice of the volume allowed beyond it."""
    away: NDArray[np.float64] = np.abs(np.arange(DEPTH) - DEPTH // 2) * SLICE_MM
    near: NDArray[np.bool_] = (away == 0) | (away <= (diameter_mm + slice_mm) / 2)
    return near


def _span(middle: float, spacing_mm: float, length: int) -> slice:
    """The pixels that a window needs, at least one."""
    half = SIDE / 2 * PLANE_MM / spacing_mm + 1
    low = min(max(0, math.floor(middle - half)), length - 1)
    return slice(low, max(low + 1, min(length, math.ceil(middle + half) + 1)))


def centred(slices: Floats, middle: tuple[float, float], spacing_mm: tuple[float, float], side: int) -> Floats:
    """(slice, side, side) with pixels of PLANE_MM around `middle` (row, column); beyond the edge it is repeated."""
    for axis, centre, spacing in zip((1, 2), middle, spacing_mm, strict=True):
        at = centre + (np.arange(side) - (side - 1) / 2) * (PLANE_MM / spacing)
        at = at.clip(0, slices.shape[axis] - 1)
        below = np.floor(at).astype(np.intp)
        share = (at - below).astype(np.float32).reshape([-1 if i == axis else 1 for i in range(3)])
        left = slices.take(below, axis)
        slices = left + share * (slices.take(np.minimum(below + 1, slices.shape[axis] - 1), axis) - left)
    return slices
