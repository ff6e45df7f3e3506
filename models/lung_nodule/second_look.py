"""The second look: a net that sees 45 mm around a peak of the first and says nodule or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.models import provider

Floats = NDArray[np.float32]
Cells = NDArray[np.intp]

FILE = "second_look.onnx"
SIDE = 64  # px of a stack (0.7 mm) that are looked at
CELL = 2  # px for one cell of the first net
LEAST = 0.05  # score of the first net from which a peak is looked at again
SHARE = 0.4  # of the second net's logit in the final one
EDGE = 1e-6  # probabilities nearer to 0 or 1 than this count as this


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The second net."""

    session: provider.Session

    def scores(self, stack: Floats, cells: Cells, first: Floats) -> Floats:
        """Final scores (n,) of peaks at `cells` (n, 2) of a stack (DEPTH, h, w) with the first net's scores (n,)."""
        if not len(cells):
            return first
        (second,) = self.session.run(None, {"windows": windows(stack, cells)})
        logit = (1 - SHARE) * _logit(first) + SHARE * _logit(second)
        told: Floats = (1 / (1 + np.exp(-logit))).astype(np.float32)
        return told


def windows(stack: Floats, cells: Cells) -> Floats:
    """(n, DEPTH, SIDE, SIDE) around the middles of cells; beyond the stack its edge is repeated."""
    half = SIDE // 2
    wide = np.pad(stack, ((0, 0), (half, half), (half, half)), mode="edge")
    corners = cells * CELL + CELL // 2
    return np.stack([wide[:, row : row + SIDE, column : column + SIDE] for row, column in corners])


def _logit(scores: Floats) -> Floats:
    clipped = scores.clip(EDGE, 1 - EDGE)
    told: Floats = np.log(clipped / (1 - clipped))
    return told
