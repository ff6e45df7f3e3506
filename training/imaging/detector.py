"""The fracture net: Lite0, a top-down pyramid to stride 8, one dense box head, and evidence of each part of a film."""

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from cdss.training.imaging.lite0 import TAPS, Lite0

WIDTH = 64  # channels of the pyramid
STRIDE = 8
PRIOR = 0.01  # share of cells expected to be a fracture at the start (Lin 2017, focal loss)


class Answer(NamedTuple):
    """What the net says of a batch: logits of `parts` of 32 px (n, 1, r, c) and of `cells` of 8 px (n, 1, 4 r, 4 c);
    `distances` (n, 4, 4 r, 4 c) in px from each cell's middle to its box's left, top, right and bottom edge.
    """

    parts: Tensor
    cells: Tensor
    distances: Tensor

    @property
    def film(self) -> Tensor:
        """(n,) log of the summed odds of the parts: the same question to a small view and to a whole film.

        Written out, because OpenVINO cannot read the one operator for it.
        """
        flat = self.parts.flatten(1)
        top = flat.amax(1, keepdim=True).detach()
        return (top + (flat - top).exp().sum(1, keepdim=True).log()).squeeze(1)


def _layer() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU(inplace=True)
    )


def _rare(layer: nn.Conv2d) -> nn.Conv2d:
    """A layer that finds nothing at first."""
    with torch.no_grad():
        cast(Tensor, layer.bias).fill_(-math.log(1 / PRIOR - 1))
    return layer


class Detector(nn.Module):
    """Films (n, 1, h, w) in [0, 1], h and w multiples of 32, to an Answer."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Lite0()
        self.side = nn.ModuleList(nn.Conv2d(channels, WIDTH, 1) for channels in TAPS.values())
        self.tower = nn.Sequential(_layer(), _layer())
        self.distance = nn.Conv2d(WIDTH, 4, 3, padding=1)
        self.cell = _rare(nn.Conv2d(WIDTH, 1, 3, padding=1))
        self.drop = nn.Dropout2d(0.3)
        self.part = _rare(nn.Conv2d(1280, 1, 1))
        nn.init.zeros_(self.distance.weight)

    def forward(self, films: Tensor) -> Answer:
        """All answers at once."""
        maps, head = self.backbone(films)
        low, middle, top = (side(m) for side, m in zip(self.side, maps, strict=True))
        middle = middle + nn.functional.interpolate(top, scale_factor=2.0, mode="nearest")
        low = low + nn.functional.interpolate(middle, scale_factor=2.0, mode="nearest")
        low = self.tower(low)
        distances = self.distance(low).clamp(-4, 4).exp() * (2 * STRIDE)
        return Answer(self.part(self.drop(head)), self.cell(low), distances)


class Committee(nn.Module):
    """Detectors that answer together: the mean of what they say."""

    def __init__(self, members: list[Detector]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, films: Tensor) -> Answer:
        """As a single Detector."""
        told = [member(films) for member in self.members]
        return Answer(*(torch.stack(parts).mean(0) for parts in zip(*told, strict=True)))


def mirrored(net: nn.Module, films: Tensor) -> Answer:
    """The mean of what `net` says of the films and of their mirror images."""
    one, other = net(films), net(films.flip(3))
    left, top, right, bottom = other.distances.flip(3).unbind(1)
    distances = (one.distances + torch.stack([right, top, left, bottom], 1)) / 2
    return Answer((one.parts + other.parts.flip(3)) / 2, (one.cells + other.cells.flip(3)) / 2, distances)
