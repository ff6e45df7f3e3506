"""The nodule net: seven slices in; for each cell of 1.4 mm, how likely a nodule's centre is there and how wide."""

import math
from itertools import pairwise
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_unshuffle

WIDTHS = (32, 64, 128, 128)
CELL = 2  # px of the input (0.7 mm) for one cell of the answer
PRIOR = 0.01  # share of cells expected to be a centre at the start


class Sight(NamedTuple):
    """What the net says of a batch, each (n, 1, r, c).

    Logit of a centre, logarithm of the diameter in mm, logit of lying inside a nodule (taught, not shipped).
    """

    centre: Tensor
    width: Tensor
    inside: Tensor


def pair(given: int, out: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (given, out):
        layers += [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class CentreNet(nn.Module):
    """Stacks (n, slices, h, w) of lung in [0, 1], h and w multiples of 16, to a Sight of half the size."""

    def __init__(self, slices: int) -> None:
        super().__init__()
        self.first = pair(slices * CELL * CELL, WIDTHS[0])
        self.down = nn.ModuleList(pair(a, b) for a, b in pairwise(WIDTHS))
        self.side = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(WIDTHS))
        self.up = nn.ModuleList(pair(a, a) for a in WIDTHS[:-1])
        self.centre = nn.Conv2d(WIDTHS[0], 1, 1)
        self.width = nn.Conv2d(WIDTHS[0], 1, 1)
        self.inside = nn.Conv2d(WIDTHS[0], 1, 1)
        with torch.no_grad():
            for head in (self.centre, self.inside):
                cast(Tensor, head.bias).fill_(-math.log(1 / PRIOR - 1))
            cast(Tensor, self.width.bias).fill_(2.0)

    def forward(self, stacks: Tensor) -> Sight:
        x = self.first(pixel_unshuffle(stacks, CELL))
        kept = []
        for down in self.down:
            kept.append(x)
            x = down(nn.functional.max_pool2d(x, 2))
        for side, up in zip(reversed(self.side), reversed(self.up), strict=True):
            x = up(kept.pop() + nn.functional.interpolate(side(x), scale_factor=2.0, mode="nearest"))
        return Sight(self.centre(x), self.width(x), self.inside(x))
