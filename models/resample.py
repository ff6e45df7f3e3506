"""Resizing by triangle weights (bilinear; antialiased when shrinking), one axis at a time, in numpy."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def taps(given: int, wanted: int, scale: float) -> tuple[NDArray[np.intp], Floats]:
    """For each of `wanted` outputs, the inputs (wanted, k) it is made of and their weights (wanted, k), which sum to 1.

    Output i looks at input position `(i + 0.5) * scale - 0.5`: `scale` is the number of inputs that an output spans.
    Positions beyond the input's end repeat its edge.
    """
    width = max(1.0, scale)
    positions = ((np.arange(wanted) + 0.5) * scale - 0.5).clip(0, given - 1)
    first = np.floor(positions - width).astype(np.intp) + 1
    inputs = first[:, None] + np.arange(math.ceil(2 * width))
    weights = np.maximum(0.0, 1.0 - np.abs(positions[:, None] - inputs) / width) * ((inputs >= 0) & (inputs < given))
    weights /= weights.sum(axis=1, keepdims=True)
    return inputs.clip(0, given - 1), weights.astype(np.float32)


def along(image: Floats, axis: int, wanted: int, scale: float) -> Floats:
    """One axis resampled to `wanted` outputs of `scale` inputs each."""
    inputs, weights = taps(image.shape[axis], wanted, scale)
    shape = [-1 if i == axis % image.ndim else 1 for i in range(image.ndim)]
    total: Floats = image.take(inputs[:, 0], axis) * weights[:, 0].reshape(shape)
    for k in range(1, inputs.shape[1]):
        total += image.take(inputs[:, k], axis) * weights[:, k].reshape(shape)
    return total


def resize(image: Floats, shape: tuple[int, int]) -> Floats:
    """A (row, column) image stretched to `shape`."""
    rows, columns = shape
    narrow = along(image, 1, columns, image.shape[1] / columns) if columns < image.shape[1] else image
    full = along(narrow, 0, rows, image.shape[0] / rows)
    return full if narrow is not image else along(full, 1, columns, image.shape[1] / columns)
