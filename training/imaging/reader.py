"""How the trained net reads a whole film: at three scales and mirrored."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from cdss.training.imaging.detector import Answer, Committee, Detector, mirrored

MIDDLE = 5, 6  # five sixths of the film's scale: there its spots are judged; the whole of it at half of that
STEP = 32  # px; the net takes multiples of it
SHARE = 0.5  # of the logit of a spot's surroundings that is added to its own


class Reading(NamedTuple):
    """`evidence` (n, 2) that a film shows a fracture: from the whole of it, and from its worst spot, logits;
    `cells` (n, 1, r, c) logits and `distances` (n, 4, r, c) in px, as in Answer, of the film as it was given.
    """

    evidence: Tensor
    cells: Tensor
    distances: Tensor


class Reader(nn.Module):
    """Films (n, 1, h, w) in [0, 1], h and w multiples of 32, to a Reading."""

    def __init__(self, net: Detector | Committee) -> None:
        super().__init__()
        self.net = net

    def forward(self, films: Tensor) -> Reading:
        """Boxes come from the largest scale, which shows small fractures best; the film is judged on smaller ones."""
        times, of = MIDDLE
        spots = mirrored(self.net, smaller(films, films, times, of))
        whole = mirrored(self.net, smaller(avg_pool2d(films, 2), films, times, 2 * of))
        boxes = mirrored(self.net, films)
        return Reading(torch.stack([whole.film, _worst(spots)], 1), boxes.cells, boxes.distances)


@torch.no_grad()
def glance(net: Detector, films: Tensor) -> Tensor:
    """(n,) how much the film looks fractured, in [0, 1]: the mean logit of both evidences, not mirrored; no boxes."""
    times, of = MIDDLE
    spots = net(smaller(films, films, times, of))
    whole = net(smaller(avg_pool2d(films, 2), films, times, 2 * of))
    told: Tensor = ((whole.film + _worst(spots)) / 2).sigmoid()
    return told


def _worst(spots: Answer) -> Tensor:
    """(n,) logit of the spot that looks most like a fracture, its surroundings counting too."""
    around = interpolate(spots.parts, scale_factor=4.0, mode="nearest")
    return (spots.cells + SHARE * around).amax((1, 2, 3))


def smaller(given: Tensor, films: Tensor, times: int, of: int) -> Tensor:
    """`given` at `times` / `of` of the size of `films`, to the nearest multiple of STEP (a half rounds up)."""
    size = [(2 * times * length + STEP * of) // (2 * STEP * of) * STEP for length in films.shape[2:]]
    return interpolate(given, size=size, mode="bilinear", align_corners=False)


class Shipped(nn.Module):
    """The ONNX file's answer: calibrated probability (n,), cell scores (n, 1, r, c), distances (n, 4, r, c) in px."""

    def __init__(self, reader: Reader, weights: list[float]) -> None:
        super().__init__()
        self.reader, self.weights = reader, weights

    def forward(self, films: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`weights`: a constant and one for each evidence."""
        evidence, cells, distances = self.reader(films)
        constant, whole, worst = self.weights
        logit = constant + whole * evidence[:, 0] + worst * evidence[:, 1]
        return logit.sigmoid(), cells.sigmoid(), distances
