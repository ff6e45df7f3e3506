"""False peaks of the nodule net in its own training data: what its second look has to learn to refuse."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.peaks import peaks
from cdss.models.lung_nodule.slabs import slabs
from cdss.models.lung_nodule.stack import CELL_MM, resampled, stack
from cdss.training.imaging.windows import Block

Floats = NDArray[np.float32]
Net = Callable[[Floats], Floats]  # a stack (DEPTH, h, w) to scores (h / 2, w / 2)

CLEAR_MM = 8.0  # a peak this far outside the nodule is false; nearer, nobody knows
MOST = 8  # false peaks of one slice, strongest first


class Candidate(NamedTuple):
    """A false peak: voxel (slice, row, column) of a block, and its score."""

    block: Block
    place: tuple[int, float, float]
    score: float


def in_crop(net: Net, block: Block, least: float) -> Iterator[Candidate]:
    """The peaks of every slice of a crop that lie clear of what any reader outlined."""
    volume, outlined = block.lung.numpy(), block.agreed.numpy().max(axis=0) > 0
    marked = np.argwhere(outlined).astype(float)
    for number in range(len(volume)):
        scores = net(resampled(stack(volume, number, block.slice_mm), (block.pixel_mm, block.pixel_mm)))
        for row, column, score in _places(scores, least, block.pixel_mm, (0, 0)):
            inside = row < volume.shape[1] and column < volume.shape[2]
            if inside and _clear(block, marked, row, column):
                yield Candidate(block, (number, row, column), score)


def in_lungs(net: Net, block: Block, volume: NDArray[np.int16], least: float) -> Iterator[Candidate]:
    """The peaks in the lungs of a whole CT without nodules."""
    spacing = (block.slice_mm, block.pixel_mm, block.pixel_mm)
    found = lung.find(volume, spacing)
    for slab in slabs(volume, spacing, found):
        for row, column, score in _places(net(slab.stack), least, block.pixel_mm, slab.corner):
            if found.inside(np.asarray([[slab.slice, row, column]]))[0]:
                yield Candidate(block, (slab.slice, row, column), score)


def _places(
    scores: Floats, least: float, pixel_mm: float, corner: tuple[int, int]
) -> Iterator[tuple[float, float, float]]:
    """Rows and columns in voxels, and scores, of the strongest peaks of a slice."""
    cells = peaks(scores, least)
    strength = scores[tuple(cells.T)]
    for at in np.argsort(-strength, kind="stable")[:MOST]:
        row, column = (cells[at] + 0.5) * CELL_MM / pixel_mm - 0.5 + corner
        yield float(row), float(column), float(strength[at])


def _clear(block: Block, marked: NDArray[np.float64], row: float, column: float) -> bool:
    """Whether a pixel is CLEAR_MM from all that any reader outlined, and from the other nodules that the crop shows."""
    if not len(marked):
        return False  # nothing outlined: where the nodule lies is not known
    apart = [np.hypot(*(marked - (row, column)).T).min()]
    apart += [math.hypot(other.row - row, other.column - column) - other.radius for other in block.neighbours]
    return bool(min(apart) * block.pixel_mm > CLEAR_MM)
