"""Pictures made of pictures, in numpy: slices resampled, opened, averaged; (slice, row, column) throughout."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pick = Callable[[Floats, Floats], Floats]  # np.minimum or np.maximum

SQUARE = 0.6  # share of an opening's radius that is a square's; the rest, a diamond's, makes it an octagon


def at(slices: Floats, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Floats:
    """(slice, rows, columns) at positions in pixels, bilinear; beyond the edge the edge is repeated."""
    found = _weights(rows, slices.shape[1]) @ slices @ _weights(columns, slices.shape[2]).T
    return np.asarray(found, np.float32)


def _weights(positions: NDArray[np.float64], length: int) -> Floats:
    """(position, pixel): how much of each pixel a position takes."""
    clipped = positions.clip(0, length - 1)
    below = np.floor(clipped).astype(np.intp)
    share = clipped - below
    matrix = np.zeros((len(positions), length), np.float32)
    every = np.arange(len(positions))
    matrix[every, below] = 1 - share
    matrix[every, np.minimum(below + 1, length - 1)] += share
    return matrix


def opened(slices: Floats, radius: int) -> Floats:
    """Each slice without what is narrower than an octagon of `radius` px (grey opening)."""
    square = max(1, round(SQUARE * radius))
    for pick in (np.minimum, np.maximum):
        slices = _along(_along(slices, square, 1, pick), square, 2, pick)
        for _ in range(radius - square):
            slices = _diamond(slices, pick)
    return slices


def averaged(slices: Floats, radius: int) -> Floats:
    """The mean of the square of 2 `radius` + 1 px around each pixel."""
    width = 2 * radius + 1
    for axis in (1, 2):
        total = np.cumsum(np.pad(slices, _rim(radius + 1, radius, axis), mode="edge"), axis, dtype=np.float32)
        slices = (_part(total, axis, width, None) - _part(total, axis, 0, -width)) / np.float32(width)
    return slices


def _along(slices: Floats, radius: int, axis: int, pick: Pick) -> Floats:
    """The least or the most of 2 `radius` + 1 px along an axis, by doubling."""
    wanted, width = 2 * radius + 1, 1
    slices = np.pad(slices, _rim(radius, radius, axis), mode="edge")
    while width < wanted:
        step = min(width, wanted - width)
        slices = pick(_part(slices, axis, 0, -step), _part(slices, axis, step, None))
        width += step
    return slices


def _diamond(slices: Floats, pick: Pick) -> Floats:
    """The least or the most of each pixel and its four neighbours."""
    rim = np.pad(slices, [(0, 0), (1, 1), (1, 1)], mode="edge")
    across = pick(rim[:, 1:-1, :-2], rim[:, 1:-1, 2:])
    return pick(pick(slices, across), pick(rim[:, :-2, 1:-1], rim[:, 2:, 1:-1]))


def _rim(before: int, after: int, axis: int) -> list[tuple[int, int]]:
    return [(before, after) if i == axis else (0, 0) for i in range(3)]


def _part(slices: Floats, axis: int, start: int, stop: int | None) -> Floats:
    return slices[tuple(slice(start, stop) if i == axis else slice(None) for i in range(3))]
