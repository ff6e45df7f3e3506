"""The fracture net: Lite0, a top-down pyramid to stride 8, one dense box head, one logit for the whole film."""

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from cdss.training.imaging.lite0 import TAPS, Lite0

WIDTH = 96  # channels of the pyramid
STRIDE = 8
PRIOR = 0.01  # share of cells expected to be a fracture at the start (Lin 2017, focal loss)


class Answer(NamedTuple):
    """What the net says of a batch: `film` (n,), `cells` (n, 1, r, c) logits; `distances` (n, 4, r, c) in px."""

    film: Tensor
    cells: Tensor
    distances: Tensor


def _layer() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU(inplace=True)
    )


class Detector(nn.Module):
    """Films (n, 1, h, w) in [0, 1], h and w multiples of 32, to an Answer on cells of 8 px."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Lite0()
        self.side = nn.ModuleList(nn.Conv2d(channels, WIDTH, 1) for channels in TAPS.values())
        self.tower = nn.Sequential(_layer(), _layer())
        self.distance = nn.Conv2d(WIDTH, 4, 3, padding=1)
        self.cell = nn.Conv2d(WIDTH, 1, 3, padding=1)
        self.pool = nn.Linear(1280, 1)
        self.gain = nn.Parameter(torch.tensor(0.5))
        self.drop = nn.Dropout(0.3)
        nn.init.zeros_(self.distance.weight)
        with torch.no_grad():
            cast(Tensor, self.cell.bias).fill_(-math.log(1 / PRIOR - 1))

    def forward(self, films: Tensor) -> Answer:
        maps, pooled = self.backbone(films)
        low, middle, top = (side(m) for side, m in zip(self.side, maps, strict=True))
        middle = middle + nn.functional.interpolate(top, scale_factor=2.0, mode="nearest")
        low = low + nn.functional.interpolate(middle, scale_factor=2.0, mode="nearest")
        low = self.tower(low)
        cells = self.cell(low)
        distances = self.distance(low).clamp(-4, 4).exp() * (2 * STRIDE)
        best = cells.detach().amax((1, 2, 3))
        return Answer(self.pool(self.drop(pooled))[:, 0] + self.gain * (best + 2), cells, distances)
