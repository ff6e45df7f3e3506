"""What the net sees: five slices 1.25 mm apart, pixels of 0.7 mm, lung window as 0 to 1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.resample import along

Floats = NDArray[np.float32]

PLANE_MM = 0.7  # pixel of a stack
SLICE_MM = 1.25  # distance of its slices
DEPTH = 5  # slices of a stack
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
    """The DEPTH slices around position `at` (in slices), by linear interpolation; the ends of the volume repeat."""
    offsets = (np.arange(DEPTH) - DEPTH // 2) * SLICE_MM / slice_mm
    positions = (at + offsets).clip(0, len(slices) - 1)
    below = np.floor(positions).astype(int)
    above = np.minimum(below + 1, len(slices) - 1)
    share = (positions - below).astype(np.float32)
    return np.stack(
        [
            slices[a] + w * (slices[b] - slices[a]) if w else slices[a]
            for a, b, w in zip(below, above, share, strict=True)
        ]
    )
