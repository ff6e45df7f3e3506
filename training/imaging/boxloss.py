"""What the fracture net is taught: which cells are a fracture, and how far its edges are.

Cells near a box's middle learn its edges by generalised IoU (Rezatofighi 2019), and score the overlap they reach
(quality focal loss, Li 2020), so that the score says how good the box is.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from cdss.training.imaging.detector import STRIDE, Answer

MIDDLE = 0.5  # share of a box's width and height whose cells learn it
NEAR = 1.5 * STRIDE  # px; at least this far from the middle
LEAST = 0.1  # overlap that a cell is taught at least, before it has learned to draw boxes
LEAST_WEIGHT = 1.0  # a view; keeps batches without fractures from shouting
BOX_WEIGHT, FILM_WEIGHT = 2.0, 0.5


class Target(NamedTuple):
    """What a film should give: `box` (cells,) index of the box each cell learns, -1 none."""

    box: Tensor
    distances: Tensor  # (cells, 4) px; meaningless where box is -1


def centres(rows: int, columns: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and y of each cell's centre in px, (cells,) each, row by row."""
    y, x = torch.meshgrid(torch.arange(rows, device=device), torch.arange(columns, device=device), indexing="ij")
    return (x.flatten() + 0.5) * STRIDE, (y.flatten() + 0.5) * STRIDE


def target(boxes: Tensor, rows: int, columns: int) -> Target:
    """Assign cells to boxes (m, 4) x0, y0, x1, y1; where two claim a cell, the smaller has it."""
    x, y = centres(rows, columns, boxes.device)
    if not len(boxes):
        return Target(torch.full_like(x, -1, dtype=torch.long), x.new_zeros((len(x), 4)))
    x0, y0, x1, y1 = boxes.T[:, None, :]
    distances = torch.stack([x[:, None] - x0, y[:, None] - y0, x1 - x[:, None], y1 - y[:, None]], -1)
    near_x = (x[:, None] - (x0 + x1) / 2).abs() <= ((x1 - x0) * MIDDLE / 2).clamp(min=NEAR)
    near_y = (y[:, None] - (y0 + y1) / 2).abs() <= ((y1 - y0) * MIDDLE / 2).clamp(min=NEAR)
    claimed = near_x & near_y & (distances.amin(-1) > 0)
    area = ((x1 - x0) * (y1 - y0)).expand(claimed.shape).masked_fill(~claimed, torch.inf)
    smallest = area.argmin(1)
    return Target(torch.where(claimed.any(1), smallest, -1), distances[torch.arange(len(x), device=x.device), smallest])


def inside(boxes: Tensor, rows: int, columns: int) -> Tensor:
    """(cells,) whether a cell's centre lies in any of the boxes (m, 4)."""
    x, y = (each[:, None] for each in centres(rows, columns, boxes.device))
    x0, y0, x1, y1 = boxes.T[:, None, :]
    within: Tensor = (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
    return within.any(1)


def overlaps(found: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (n,) of boxes told as distances (n, 4) from one point, left, top, right, bottom."""
    shared = torch.minimum(found, wanted)
    around = torch.maximum(found, wanted)
    inner = (shared[:, 0] + shared[:, 2]).clamp(min=0) * (shared[:, 1] + shared[:, 3]).clamp(min=0)
    outer = (around[:, 0] + around[:, 2]) * (around[:, 1] + around[:, 3])
    union = _area(found) + _area(wanted) - inner
    iou = inner / union
    return iou, iou - (outer - union) / outer


def _area(distances: Tensor) -> Tensor:
    return (distances[:, 0] + distances[:, 2]) * (distances[:, 1] + distances[:, 3])


def loss(answer: Answer, taught: list[Tensor], partial: list[Tensor]) -> dict[str, Tensor]:
    """Losses of a batch of views by name; boxes one (m, 4) a view: `taught`, and `partial` that teach nothing."""
    _, _, rows, columns = answer.cells.shape
    targets = [target(each, rows, columns) for each in taught]
    learns = torch.stack([t.box for t in targets]) >= 0
    wanted = torch.stack([t.distances for t in targets])[learns]
    found = answer.distances.flatten(2).transpose(1, 2)[learns]
    iou, giou = overlaps(found, wanted)
    quality = torch.zeros_like(learns, dtype=answer.cells.dtype)
    quality[learns] = iou.detach().clamp(min=LEAST)
    silent = torch.stack([inside(each, rows, columns) for each in partial]) & ~learns
    logits = answer.cells.flatten(1)
    focus = ((logits.detach().sigmoid() - quality) ** 2).masked_fill(silent, 0)
    weight = quality.sum().clamp(min=LEAST_WEIGHT * len(taught))
    return {
        "cells": (focus * cross_entropy(logits, quality, reduction="none")).sum() / weight,
        "boxes": BOX_WEIGHT * ((1 - giou) * quality[learns]).sum() / weight,
        "film": FILM_WEIGHT * _film(answer.film, taught, partial),
    }


def _film(logits: Tensor, taught: list[Tensor], partial: list[Tensor]) -> Tensor:
    """Cross-entropy of whether a view shows a fracture; one that shows part of one teaches nothing."""
    events = logits.new_tensor([float(len(each) > 0) for each in taught])
    weights = logits.new_tensor([float(len(t) > 0 or not len(p)) for t, p in zip(taught, partial, strict=True)])
    return (weights * cross_entropy(logits, events, reduction="none")).sum() / weights.sum().clamp(min=1)
