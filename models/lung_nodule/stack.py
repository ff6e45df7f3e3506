"""What the net sees: seven slices 1.25 mm apart, pixels of 0.7 mm, lung window as 0 to 1; 0 where nothing is known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.resample import along

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

PLANE_MM = 0.7  # pixel of a stack
SLICE_MM = 1.25  # distance of its slices
DEPTH = 7  # slices of a stack
CELL_MM = 1.4  # pixel of the net's answer
MULTIPLE = 16  # rows and columns of a stack are a multiple of it
WINDOW = (-1000.0, 150.0)  # HU that become 0 and 1


def windowed(volume: NDArray[Any]) -> Floats:
    """HU to [0, 1]."""
    low, high = WINDOW
    grey: Floats = ((volume.astype(np.float32) - low) / (high - low)).clip(0, 1).astype(np.float32)
    return grey


def resampled(volume: Floats, spacing_mm: tuple[float, float]) -> Floats:
    """Slices (slice, row, column) with pixels of `spacing_mm` (row, column) brought to PLANE_MM.

    Output pixel (0, 0) has its upper left corner where the input's has it; the right and lower rims are padded by
    repeating the edge so that rows and columns are a multiple of MULTIPLE.
    """
    for axis, spacing in zip((1, 2), spacing_mm, strict=True):
        wanted = -(-round(volume.shape[axis] * spacing / PLANE_MM) // MULTIPLE) * MULTIPLE
        volume = along(volume, axis, wanted, PLANE_MM / spacing)
    return volume


def stack(slices: Floats, at: float, slice_mm: float) -> Floats:
    """The DEPTH slices around position `at` (in slices), by linear interpolation; beyond the volume they are 0."""
    below, above, share, known = between(at, SLICE_MM / slice_mm, len(slices))
    near: Floats = slices[below] + share[:, None, None] * (slices[above] - slices[below])
    near[~known] = 0
    return near


def between(at: float, step: float, slices: int) -> tuple[Indices, Indices, Floats, NDArray[np.bool_]]:
    """(DEPTH,) each: the slices below and above the positions `step` apart around `at`, the share of the one above.

    Last, whether the position lies within the volume, half a slice beyond its ends included.
    """
    positions = at + step * (np.arange(DEPTH) - DEPTH // 2)
    known = (positions >= -0.5) & (positions <= slices - 0.5)
    positions = positions.clip(0, slices - 1)
    below = np.floor(positions).astype(np.intp)
    return below, np.minimum(below + 1, slices - 1), (positions - below).astype(np.float32), known
