"""The second look of the nodule detector: nodules against what the first net took for one in its own training data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from cdss.datasets import lidc
from cdss.evaluation.patches import central
from cdss.models.lung_nodule import second_look
from cdss.models.lung_nodule.stack import DEPTH
from cdss.training.imaging import loop, ship
from cdss.training.imaging.candidates import Candidate, Net, in_crop, in_lungs
from cdss.training.imaging.cavities import hollow, wide
from cdss.training.imaging.loop import Plan
from cdss.training.imaging.reducer import SIDE, Look, Reducer
from cdss.training.imaging.targets import SIDE as CUT
from cdss.training.imaging.windows import Block, anywhere, at, cut, near

EPOCHS, STEPS = 15, 400
NODULES, CROPS, LUNGS, PLACES = 12, 11, 6, 3  # windows of a batch: nodules, false peaks, places of a CT without nodules
LEAST = 0.05  # score of the first net from which a false peak is learnt
DOUBTFUL = 0.8  # a stronger one in a crop may be a nodule that is not in the list
HOLLOW = 0.15  # share of the wide nodules that are shown with a cavity
CHECK_EVERY = 1000  # epochs; the whole detector is judged at the end
PARITY = {"second_score": 5e-5}  # float32 rounds


@dataclass(frozen=True, slots=True)
class Stock:
    """What is looked at: nodules, false peaks in crops, whole CTs without nodules, false peaks in these."""

    nodules: list[Block]
    crops: list[Candidate]
    lungs: list[Block]
    peaks: list[Candidate]


def stock(net: Net, blocks: list[Block], lungs: dict[str, Block], data: Path | None) -> Stock:
    """All that the first net `net` marks wrongly; corners of crops where it marks nothing."""
    crops = [found for each in blocks for found in in_crop(net, each, LEAST) if found.score < DOUBTFUL]
    peaks = [
        found
        for name, each in lungs.items()
        for found in in_lungs(net, each, lidc.negative(name, data)[0].astype(np.int16), LEAST)
    ]
    corners = [Candidate(each, (len(each.lung) // 2, 0.0, 0.0), LEAST) for each in blocks]
    return Stock([each for each in blocks if each.sure], crops or corners, list(lungs.values()), peaks)


def fitted(plan: Plan, shown: Stock, checkpoint: Path) -> Reducer:
    """The trained, averaged second net."""
    net = Reducer(DEPTH).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trained = loop.fit(net, plan, lambda epoch: batches(shown, plan, epoch), losses, lambda _: {}, checkpoint)
    assert isinstance(trained, Reducer)
    return trained


def batches(shown: Stock, plan: Plan, epoch: int) -> Iterator[Look]:
    """One epoch's windows; the same for the same seed and epoch. Strong false peaks are drawn more often."""
    generator = np.random.default_rng((plan.seed, epoch, 2))
    rim = (CUT - SIDE) // 2
    middle = slice(rim, rim + SIDE)
    for _ in range(plan.steps):
        aims = [near(_maybe_hollow(each, generator), generator) for each in _some(shown.nodules, NODULES, generator)]
        for among, count in ((shown.crops, CROPS), (shown.peaks, LUNGS)):
            aims += [at(each.block, each.place, generator) for each in _strong(among, count, generator)]
        aims += [anywhere(each, generator) for each in _some(shown.lungs, PLACES, generator)]
        seen = cut(aims, generator).stacks[:, :, middle, middle].contiguous()
        yield Look(seen, torch.tensor([float(number < NODULES) for number in range(len(aims))]))


def _some(among: list[Block], count: int, generator: np.random.Generator) -> list[Block]:
    return [among[i] for i in generator.integers(len(among), size=count)] if among else []


def _strong(among: list[Candidate], count: int, generator: np.random.Generator) -> list[Candidate]:
    if not among:
        return []
    chances = np.sqrt([each.score for each in among])
    return [among[i] for i in generator.choice(len(among), count, p=chances / chances.sum())]


def _maybe_hollow(each: Block, generator: np.random.Generator) -> Block:
    return hollow(each, generator) if generator.random() < HOLLOW and wide(each) else each


def losses(net: nn.Module, batch: Look) -> dict[str, Tensor]:
    """Cross-entropy of nodule or not."""
    place = loop.device()
    with torch.autocast(place.type, torch.bfloat16, enabled=loop.halves()):
        told = net(batch.windows.to(place, memory_format=torch.channels_last))
    return {"nodule": cross_entropy(told.float(), batch.nodule.to(place))}


class Shipped(nn.Module):
    """The ONNX file's answer: score (n,) of windows, from the mean logit of each and its mirror image."""

    def __init__(self, net: Reducer) -> None:
        super().__init__()
        self.net = net

    def forward(self, windows: Tensor) -> Tensor:
        told: Tensor = (self.net(windows) + self.net(windows.flip(3))) / 2
        return told.sigmoid()


def exported(net: Reducer, folder: Path, held: list[lidc.Crop]) -> dict[str, float]:
    """Write the ONNX file; its largest difference from torch over the middles of the held-out crops."""
    shipped, path = Shipped(net).cpu().eval(), folder / second_look.FILE
    ship.export(shipped, torch.rand(2, DEPTH, SIDE, SIDE), path, "windows", {"score": {0: "n"}}, {0: "n"})
    middles = (second_look.windows(seen, _middle(seen)) for seen in map(central, held))
    return ship.parity(shipped, path, "windows", middles, PARITY)


def _middle(stack: NDArray[np.float32]) -> NDArray[np.intp]:
    """(1, 2): the cell in the middle of a stack."""
    return np.asarray(stack.shape[1:])[None] // (2 * second_look.CELL)
