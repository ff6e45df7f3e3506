"""What a net saw: its score in every cell, to be laid over the image. It shows where the score is high, never why."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = 100  # a score of 1; 0 is 0: scores are shown to two decimals, and finer steps double the size


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """The scores of one film, or of one slice of a volume, as the net gave them, before any box was made of them.

    `box` (x0, y0, x1, y1) is what the cells cover, in pixels of the film or slice; pixel 0 reaches from 0 to 1. It is
    divided into `rows` x `columns` equal cells and may reach beyond the image. Outside of it nothing was looked at:
    unknown, not 0. `packed` holds one byte a cell (LEVELS is a score of 1), row by row, compressed with zlib.
    """

    rows: int
    columns: int
    packed: bytes
    box: tuple[float, float, float, float]
    slice: int | None = None  # index in the volume; None on a film

    def scores(self) -> NDArray[np.float32]:
        """(row, column), in [0, 1]. ValueError if `packed` is not what it should be."""
        try:
            cells = zlib.decompressobj().decompress(self.packed, self.rows * self.columns + 1)
        except zlib.error as e:
            raise ValueError("found a score map that zlib cannot unpack; the result was damaged, read it again") from e
        if len(cells) != self.rows * self.columns:
            raise ValueError(f"found a score map that does not hold {self.rows} x {self.columns} cells")
        grid = np.frombuffer(cells, np.uint8).reshape(self.rows, self.columns)
        if grid.max(initial=0) > LEVELS:
            raise ValueError(f"found a score map with a cell of {grid.max()}, expected at most {LEVELS}")
        return (grid / np.float32(LEVELS)).astype(np.float32)


def score_map(
    scores: NDArray[np.float32], box: tuple[float, float, float, float], slice_: int | None = None
) -> ScoreMap:
    """The map of `scores` (row, column), in [0, 1], rounded to LEVELS steps; see ScoreMap for `box`."""
    cells = np.rint(scores.clip(0, 1) * LEVELS).astype(np.uint8)
    return ScoreMap(scores.shape[0], scores.shape[1], zlib.compress(cells.tobytes()), box, slice_)
