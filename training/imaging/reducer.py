"""The second look at what the nodule net marked: 45 mm around a peak, nodule or not."""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pixel_unshuffle

from cdss.training.imaging.centrenet import pair

SIDE = 64  # px of 0.7 mm
WIDTHS = (48, 96, 160, 160)
FINER = 2  # px of the input for one of the first layer


class Look(NamedTuple):
    """Windows (n, slices, SIDE, SIDE) around peaks, and whether a nodule is there (n,)."""

    windows: Tensor
    nodule: Tensor


class Reducer(nn.Module):
    """Windows (n, slices, SIDE, SIDE) in [0, 1] to the logit (n,) that their middle is a nodule."""

    def __init__(self, slices: int) -> None:
        super().__init__()
        widths = (slices * FINER * FINER, *WIDTHS)
        self.stages = nn.ModuleList(pair(a, b) for a, b in pairwise(widths))
        self.drop = nn.Dropout(0.3)
        self.nodule = nn.Linear(2 * WIDTHS[-1], 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = pixel_unshuffle(windows, FINER)
        for number, stage in enumerate(self.stages):
            x = stage(max_pool2d(x, 2) if number else x)
        told: Tensor = self.nodule(self.drop(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)))
        return told[:, 0]
