"""What the nodule net should see in a window: where a centre is, how wide it is, which cells are inside."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cdss.models.lung_nodule.stack import CELL_MM

SIDE = 96  # px of a window
CELL = 2  # px of a window for one cell
CELLS = SIDE // CELL
CORE = 0.5  # share of a nodule's radius in which a cell counts as its centre
FADE = 0.25  # share of the radius over which the duty to be silent sets in around the core
RIM = 2  # cells around a nodule of one reader, or half outside, that are not judged


class Mark(NamedTuple):
    """A nodule in one slice: its middle in px of the crop, the diameter of a circle of its area, and who agrees."""

    row: float
    column: float
    diameter_mm: float
    sure: bool  # two readers or more


class Targets(NamedTuple):
    """For each cell (n, 1, CELLS, CELLS)."""

    heat: Tensor  # 1 at a centre, falling off around it
    weight: Tensor  # of a centre's cell: the cells of one nodule sum to 1
    width: Tensor  # logarithm of the diameter in mm; nan where none is taught
    inside: Tensor  # share of readers who put the cell inside the nodule
    judged: Tensor  # False where nothing is taught


def drawn(
    marks: list[Mark | None], places: NDArray[np.float64], scales: NDArray[np.float64], inside: Tensor, within: Tensor
) -> Targets:
    """Targets of windows with at most one nodule each, at `places` (n, 2) in cells; `scales` (n,) mm for a mm.

    `within` says which cells lie in the image. A nodule that only one reader saw, or whose middle is outside the
    window, is neither taught nor punished.
    """
    wide = np.asarray([mark.diameter_mm if mark else 0.0 for mark in marks]) / scales
    taught = np.asarray([bool(mark and mark.sure) for mark in marks]) & ((places >= 0) & (places < CELLS)).all(axis=1)
    there = _column(np.asarray([mark is not None for mark in marks]))
    distance, radius, sure = _distance(places), _column(wide / 2 / CELL_MM), _column(taught)
    core = sure & ((distance <= radius * CORE) | (distance == distance.amin(dim=(2, 3), keepdim=True)))
    fading = (distance - radius * CORE).clamp(min=0) / (radius * FADE).clamp(min=0.8)
    heat = torch.where(core, 1.0, torch.exp(-0.5 * fading**2) * sure)
    near = sure & (distance <= (radius / 2).clamp(min=1.0))
    return Targets(
        heat,
        core / core.sum(dim=(2, 3), keepdim=True).clamp(min=1),
        torch.where(near, _column(np.log(wide.clip(1.0))), torch.nan),
        inside,
        within & ~(there & ~sure & (distance <= radius + RIM)),
    )


def _column(values: NDArray[np.floating] | NDArray[np.bool_]) -> Tensor:
    """(n, 1, 1, 1)"""
    found = torch.from_numpy(values)[:, None, None, None]
    return found if found.dtype == torch.bool else found.float()


def _distance(places: NDArray[np.float64]) -> Tensor:
    """(n, 1, CELLS, CELLS) from each window's place, in cells."""
    cells = np.arange(CELLS) + 0.5
    rows, columns = cells[None, :, None] - places[:, 0, None, None], cells[None, None, :] - places[:, 1, None, None]
    return torch.from_numpy(np.hypot(rows, columns)).float()[:, None]
