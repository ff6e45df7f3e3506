"""Resizing by triangle weights (bilinear; antialiased when shrinking), one axis at a time, in numpy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def weights(given: int, wanted: int, scale: float, offset: float = 0.0) -> Floats:
    """(wanted, given) matrix that resamples one axis; each row sums to 1.

    Output index i looks at input position `(i + 0.5) * scale - 0.5 + offset`, in input pixels: `scale` is the
    number of input pixels an output pixel spans. Positions outside the input repeat its edge.
    """
    width = max(1.0, scale)
    positions = (np.arange(wanted) + 0.5) * scale - 0.5 + offset
    distance = np.abs(positions.clip(0, given - 1)[:, None] - np.arange(given)[None, :]) / width
    rows = np.maximum(0.0, 1.0 - distance)
    matrix: Floats = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return matrix


def resize(image: Floats, shape: tuple[int, int]) -> Floats:
    """A (row, column) image stretched to `shape`."""
    rows, columns = (weights(given, wanted, given / wanted) for given, wanted in zip(image.shape, shape, strict=True))
    resized: Floats = (rows @ image @ columns.T).astype(np.float32)
    return resized
