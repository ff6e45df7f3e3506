"""`cdss train lung_nodule`: LIDC-IDRI crops -> a net that sees centres of nodules in five slices -> ONNX and card."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from cdss import models
from cdss.datasets import lidc
from cdss.datasets.source import Source, digest, folder_of
from cdss.evaluation import lung_nodule as evaluation
from cdss.evaluation.patches import Net, central, level, look, sensitivity
from cdss.models.card import Data, Threshold
from cdss.models.lung_nodule.stack import DEPTH
from cdss.training import tracking
from cdss.training.imaging import loop, ship
from cdss.training.imaging.centrenet import CentreNet
from cdss.training.imaging.loop import Plan
from cdss.training.imaging.windows import Block, Window, block, whole, with_nodule, without_nodule

NAME, VERSION = "lung_nodule", "0.1.0"
TRAIN_FOLDS, VALID_FOLD = (0, 1, 2, 3), 4
NODULES, RIMS, LUNGS = 12, 8, 4  # windows of a batch: with a nodule, of crops without, of lungs without
EPOCHS, STEPS = 24, 400
LARGE_MM, LARGE_OFTEN = 10.0, 1.7  # large nodules are few and differ most from each other: drawn more often
WIDTH_WEIGHT = 0.2


def train(data: Path | None, out: Path | None, epochs: int = EPOCHS, steps: int = STEPS) -> None:
    """Train on folds 0 to 3, check on fold 4, write model.onnx and MODEL_CARD.yaml to `out`."""
    sources = [_source(lidc.CROPS, data, f"folds 0 to 3: fitted; fold {VALID_FOLD}: checked")]
    blocks = [block(crop) for crop in lidc.crops(data, TRAIN_FOLDS)]
    lungs = [whole(name, data) for name in lidc.negatives(data) if name == evaluation.TRAINED_NEGATIVE]
    if lungs:
        split = f"{evaluation.TRAINED_NEGATIVE}: background; the other: checked, threshold chosen"
        sources.append(_source(lidc.NEGATIVE, data, split))
    plan = Plan(epochs=epochs, steps=steps, rates={"": 1.5e-3})
    params = dataclasses.asdict(plan) | {"batch": (NODULES, RIMS, LUNGS)} | {each.name: each.digest for each in sources}
    with tracking.run(NAME, params):
        net = fitted(plan, blocks, lungs, lidc.crops(data, (VALID_FOLD,)))
        ship_it(net, sources, data, out or Path(models.__file__).parent / NAME)


def _source(source: Source, data: Path | None, split: str) -> Data:
    whole_digest = digest(source, folder_of(source, data))
    return Data(name=source.name, licence=source.licence, citation=source.citation, digest=whole_digest, split=split)


def fitted(plan: Plan, blocks: list[Block], lungs: list[Block], held: list[lidc.Crop]) -> CentreNet:
    """The trained, averaged net."""
    net = CentreNet(DEPTH).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trained = loop.fit(
        net,
        plan,
        lambda epoch: batches(blocks, lungs, plan, epoch),
        losses,
        lambda net: checked(net, held),
        loop.checkpoint_of(NAME),
    )
    assert isinstance(trained, CentreNet)
    return trained


def batches(blocks: list[Block], lungs: list[Block], plan: Plan, epoch: int) -> Iterator[list[Window]]:
    """One epoch's windows; the same for the same seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    marked = [each for each in blocks if any(mark.sure for mark in each.marks)]
    often = np.asarray([LARGE_OFTEN if _widest(each) >= LARGE_MM else 1.0 for each in marked])
    often /= often.sum()
    for _ in range(plan.steps):
        yield [
            *(with_nodule(marked[i], generator) for i in generator.choice(len(marked), NODULES, p=often)),
            *(without_nodule(blocks[i], generator) for i in generator.integers(len(blocks), size=RIMS)),
            *(without_nodule(each, generator) for each in lungs for _ in range(LUNGS)),
        ]


def _widest(each: Block) -> float:
    return max(mark.diameter_mm for mark in each.marks)


def losses(net: nn.Module, windows: list[Window]) -> dict[str, Tensor]:
    """Penalty-reduced focal loss of the centres (Zhou 2019, Objects as Points), L1 of the log diameter."""
    place = loop.device()
    sight = net(torch.stack([window.stack for window in windows]).to(place, memory_format=torch.channels_last))
    heat, width, judged = (
        torch.from_numpy(np.stack(parts)).to(place)[:, None]
        for parts in (
            [window.heat for window in windows],
            [window.width for window in windows],
            [window.judged for window in windows],
        )
    )
    centre = heat == 1
    p = sight.centre.detach().sigmoid()
    focus = torch.where(centre, (1 - p) ** 2, p**2 * (1 - heat) ** 4)
    each = focus * cross_entropy(sight.centre, centre.float(), reduction="none") * judged
    taught = ~width.isnan()
    off = (sight.width - width)[taught].abs()
    return {
        "centre": each.sum() / centre.sum().clamp(min=1),
        "width": WIDTH_WEIGHT * off.sum() / taught.sum().clamp(min=1),
    }


def checked(net: nn.Module, held: list[lidc.Crop]) -> dict[str, float]:
    """Share of held-out nodules above the level that one window of the periphery in a hundred exceeds."""
    looks = [look(_scores(net), crop) for crop in held]
    background = np.concatenate([each.background for each in looks])
    found = sensitivity(np.asarray([each.nodule for each in looks]), background)
    return {"valid_sensitivity": found, "valid_level": level(background)}


def _scores(net: nn.Module) -> Net:
    """The net as the evaluation wants it: one stack in, scores out."""

    @torch.no_grad()
    def scores(stack: NDArray[np.float32]) -> NDArray[np.float32]:
        answer: Tensor = net(torch.from_numpy(stack)[None].to(loop.device())).centre.sigmoid()
        told: NDArray[np.float32] = answer[0, 0].cpu().numpy()
        return told

    return scores


class Shipped(nn.Module):
    """The ONNX file's answer, (n, 1, h / 2, w / 2) each: score of a centre, diameter in mm."""

    def __init__(self, net: CentreNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, stacks: Tensor) -> tuple[Tensor, Tensor]:
        sight = self.net(stacks)
        return sight.centre.sigmoid(), sight.width.exp()


def ship_it(net: CentreNet, sources: list[Data], data: Path | None, out: Path) -> None:
    """Export, prove, choose the threshold, evaluate, write the card."""
    shipped = Shipped(net).cpu().eval()
    folder = tracking.home() / "built" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path, cells = folder / ship.ARTIFACT, {0: "stacks", 2: "rows", 3: "columns"}
    given = {0: "stacks", 2: "height", 3: "width"}
    ship.export(shipped, torch.rand(1, DEPTH, 64, 80), path, "stacks", {"centre": cells, "diameter": cells}, given)
    held = lidc.crops(data, (VALID_FOLD,))
    off = ship.parity(shipped, path, "stacks", (central(crop)[None] for crop in held))
    thresholds = chosen(_scores(net), held)
    ship.write_card(folder, NAME, VERSION, sources, thresholds, [])
    report = evaluation.evaluate(data, "cv", folder)
    ship.write_card(folder, NAME, VERSION, sources, thresholds, [report])
    measured = {f"shipped_{name}": metric.value for name, metric in report.metrics.items()}
    measured |= dict(zip(("parity_score", "parity_diameter_mm"), off, strict=True))
    ship.publish(folder, out, measured, loop.checkpoint_of(NAME))


def chosen(net: Net, held: list[lidc.Crop]) -> list[Threshold]:
    """The card's operating points."""
    background = np.concatenate([look(net, crop).background for crop in held])
    return [
        Threshold(
            name="default",
            value=level(background),
            chosen=f"score that one window of the periphery in a hundred exceeds, fold {VALID_FOLD}",
        )
    ]
