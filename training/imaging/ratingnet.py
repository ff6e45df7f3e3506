"""The net that rates a nodule: each slice is seen by itself, then the mean of the slices is judged."""

import math
from itertools import pairwise
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, max_pool2d, pixel_unshuffle

from cdss.training.imaging.centrenet import pair

WIDTHS = (16, 32, 64, 96)
OUTLINE = 16  # channels of the part that draws the outline
CELL = 2  # px of a slice for one cell of the outline
RATINGS = 5  # malignancy, subtlety, texture, calcification, spiculation
HIDDEN, FORGET = 64, 0.3
PRIOR = 0.05  # share of cells expected inside the nodule at the start
TYPICAL_WIDTH = 2.0  # logarithm of mm, at the start


class Opinion(NamedTuple):
    """What the net says of n nodules: `ratings` (n, RATINGS) logits, malignancy first; `width` (n,), the logarithm of
    the diameter in mm; `inside` (n * slices, 1, h / 2, w / 2), logits of the outline."""

    ratings: Tensor
    width: Tensor
    inside: Tensor


class RatingNet(nn.Module):
    """Slices (n, k, h, w) in [0, 1], h and w multiples of 16, to an Opinion. Slices that are 0 all over do not count.

    What is pooled is what lies in the outline that the net draws itself. How many slices are known is told by nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleList(pair(a, b) for a, b in pairwise((CELL * CELL, *WIDTHS)))
        self.side = nn.ModuleList(nn.Conv2d(width, OUTLINE, 1) for width in WIDTHS[:3])
        self.drawn = pair(OUTLINE, OUTLINE)
        self.inside = nn.Conv2d(OUTLINE, 1, 1)
        self.judge = nn.Sequential(
            nn.Dropout(FORGET),
            nn.Linear(sum(WIDTHS[1:]) + 3, HIDDEN),
            nn.ReLU(),
            nn.Dropout(FORGET),
            nn.Linear(HIDDEN, RATINGS + 1),
        )
        with torch.no_grad():
            cast(Tensor, self.inside.bias).fill_(-math.log(1 / PRIOR - 1))
            cast(Tensor, cast(nn.Linear, self.judge[-1]).bias)[RATINGS] = TYPICAL_WIDTH

    def forward(self, slices: Tensor) -> Opinion:
        n, k, h, w = slices.shape
        seen = self._seen(pixel_unshuffle(slices.reshape(n * k, 1, h, w), CELL))
        inside = self._outline(seen)
        known = (slices.amax((2, 3)) > 0).float()[:, :, None]
        each = torch.cat([*_pooled(seen, inside.float().sigmoid())], 1).reshape(n, k, -1)
        mean = (each * known).sum(1) / known.sum(1).clamp(min=1)
        widest = (each[:, :, -1:] * known).amax(1)
        told = self.judge(torch.cat([mean, widest], 1)).float()
        return Opinion(told[:, :RATINGS], told[:, RATINGS], inside)

    def _seen(self, x: Tensor) -> list[Tensor]:
        """What each step sees, from fine to coarse."""
        found = []
        for number, step in enumerate(self.steps):
            x = step(max_pool2d(x, 2) if number else x)
            found.append(x)
        return found

    def _outline(self, seen: list[Tensor]) -> Tensor:
        fine, middle, coarse = (side(each) for side, each in zip(self.side, seen[:3], strict=True))
        middle = middle + interpolate(coarse, scale_factor=2.0, mode="nearest")
        told: Tensor = self.inside(self.drawn(fine + interpolate(middle, scale_factor=2.0, mode="nearest")))
        return told


def _pooled(seen: list[Tensor], inside: Tensor) -> list[Tensor]:
    """For each slice the means of two steps within the outline, the most of the last, and the outline's size."""
    told = []
    for level, each in enumerate(seen[1:3], start=1):
        share = avg_pool2d(inside, 2**level)
        told.append((each.float() * share).sum((2, 3)) / (share.sum((2, 3)) + 0.05))
    area = inside.sum((2, 3))
    return [*told, seen[3].float().amax((2, 3)), area.sqrt() / 5, (area + 1).log()]
