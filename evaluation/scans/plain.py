"""The plain detector on a whole CT: bright blobs in the lungs, merged as the net's marks are."""

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.blobs import blobs
from cdss.models.finding import Nodule
from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.peaks import merged, peaks
from cdss.models.lung_nodule.slabs import Slab, slabs
from cdss.models.lung_nodule.stack import CELL_MM

FAINT = 0.05  # of a blob; below it vessels are left alone
WIDTH_MM = 6.0  # a blob's width is not measured
Spacing = tuple[float, float, float]


def blobs_of(volume: NDArray[np.int16], spacing: Spacing) -> tuple[Nodule, ...]:
    """Marks on a volume (slice, row, column) in HU."""
    lungs = lung.find(volume, spacing)
    scores, places = [np.empty(0, np.float32)], [np.empty((0, 3), np.float32)]
    for slab in slabs(volume, spacing, lungs):
        answer = blobs(slab.stack)
        cells = peaks(answer, FAINT)
        at = in_voxels(slab, cells, spacing)
        inside = lungs.inside(at)
        scores.append(answer[tuple(cells[inside].T)])
        places.append((at[inside] * spacing).astype(np.float32))
    told = np.concatenate(scores)
    found = merged(told, np.concatenate(places), np.full(len(told), WIDTH_MM, np.float32))
    return tuple(Nodule(each.score, _voxel(each.place, spacing), each.diameter_mm) for each in found)


def in_voxels(slab: Slab, cells: NDArray[np.intp], spacing: Spacing) -> NDArray[np.float64]:
    """(n, 3) voxels of the volume: the middles of cells (n, 2) of the net's answer to a slab."""
    across = (cells + 0.5) * CELL_MM / np.asarray(spacing[1:]) + np.asarray(slab.corner) - 0.5
    return np.column_stack([np.full(len(cells), slab.slice), across])


def _voxel(place: tuple[float, float, float], spacing: Spacing) -> tuple[float, float, float]:
    slice_, row, column = (mm / each for mm, each in zip(place, spacing, strict=True))
    return slice_, row, column
