"""`cdss train lung_nodule`: LIDC-IDRI crops -> a net that sees centres of nodules in seven slices -> ONNX and card."""

import dataclasses
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from cdss import models
from cdss.datasets import lidc
from cdss.datasets.lidc_neighbours import with_neighbours
from cdss.datasets.source import DataNotFound, Source, digest, folder_of
from cdss.evaluation import lung_nodule as evaluation
from cdss.evaluation.patches import Net, central, level, look, sensitivity
from cdss.evaluation.report import Report
from cdss.models import lung_nodule
from cdss.models.card import Data, Threshold
from cdss.models.lung_nodule import LungNodule
from cdss.models.lung_nodule.second_look import FILE, LEAST
from cdss.models.lung_nodule.stack import DEPTH
from cdss.training import second_look, tracking
from cdss.training.imaging import loop, ship
from cdss.training.imaging.centrenet import CentreNet
from cdss.training.imaging.loop import Plan
from cdss.training.imaging.reducer import Reducer
from cdss.training.imaging.targets import Targets
from cdss.training.imaging.windows import Batch, Block, anywhere, block, cut, on_nodule, whole

NAME, VERSION = "lung_nodule", "0.3.0"
SECOND = f"{NAME}-second"  # checkpoint of the second look
PARITY = {"score": 5e-5, "diameter_mm": 0.01, "inside": 5e-5}  # float32 rounds; seen 8e-7 in score
TRAIN_FOLDS, VALID_FOLD = (0, 1, 2, 3), 4
NODULES, RIMS, LUNGS = 12, 6, 6  # windows of a batch: with a nodule, anywhere in a crop, of lungs without
EPOCHS, STEPS = 20, 400
LARGE_MM, LARGE_OFTEN = 10.0, 1.7  # large nodules are few and differ most from each other: drawn more often
FALSE_FINDINGS = 3  # on a whole CT without nodules, at the default threshold
SPARE = 0.02  # of the way to the next false finding
WIDTH_WEIGHT, INSIDE_WEIGHT = 0.2, 0.2


def train(data: Path | None, out: Path | None, epochs: int = EPOCHS, steps: int = STEPS) -> None:
    """Train on folds 0 to 3, check on fold 4, write model.onnx and MODEL_CARD.yaml to `out`."""
    sources = [_source(lidc.CROPS, data, f"folds 0 to 3: fitted; fold {VALID_FOLD}: checked")]
    blocks = [block(crop) for crop in with_neighbours(lidc.crops(data, TRAIN_FOLDS))]
    lungs = {name: whole(name, data) for name in lidc.negatives(data) if name == evaluation.TRAINED_NEGATIVE}
    if lungs:
        split = f"{evaluation.TRAINED_NEGATIVE}: background; the other: checked, threshold chosen"
        sources.append(_source(lidc.NEGATIVE, data, split))
    plan = Plan(epochs=epochs, steps=steps, rates={"": 1.5e-3})
    params = dataclasses.asdict(plan) | {"batch": (NODULES, RIMS, LUNGS)} | {each.name: each.digest for each in sources}
    with tracking.run(NAME, params):
        net = fitted(plan, blocks, list(lungs.values()), with_neighbours(lidc.crops(data, (VALID_FOLD,))))
        again = dataclasses.replace(plan, epochs=min(epochs, second_look.EPOCHS), check_every=second_look.CHECK_EVERY)
        shown = second_look.stock(_scores(net), blocks, lungs, data)
        second = second_look.fitted(again, shown, loop.checkpoint_of(SECOND))
        ship_it(net, second, sources, data, out or Path(models.__file__).parent / NAME)


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


def batches(blocks: list[Block], lungs: list[Block], plan: Plan, epoch: int) -> Iterator[Batch]:
    """One epoch's windows; the same for the same seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    marked = [each for each in blocks if each.sure]
    often = np.asarray([LARGE_OFTEN if _widest(each) >= LARGE_MM else 1.0 for each in marked])
    often /= often.sum()
    for _ in range(plan.steps):
        aims = [
            *(on_nodule(marked[i], generator) for i in generator.choice(len(marked), NODULES, p=often)),
            *(anywhere(blocks[i], generator) for i in generator.integers(len(blocks), size=RIMS)),
            *(anywhere(each, generator) for each in lungs for _ in range(LUNGS)),
        ]
        yield cut(aims, generator)


def _widest(each: Block) -> float:
    return max(mark.diameter_mm for mark in each.marks if mark)


def losses(net: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Penalty-reduced focal loss of the centres (Zhou 2019, Objects as Points), each nodule weighing the same.

    Beside it the L1 of the log diameter, and the cross entropy of the readers' outline.
    """
    place = loop.device()
    with torch.autocast(place.type, torch.bfloat16, enabled=loop.halves()):
        sight = net(batch.stacks.to(place, memory_format=torch.channels_last))
    centre, width, inside = (part.float() for part in sight)
    told = Targets(*(part.to(place) for part in batch.targets))
    sure = told.weight > 0
    p = centre.detach().sigmoid()
    focus = torch.where(sure, told.weight * (1 - p) ** 2, p**2 * (1 - told.heat) ** 4)
    each = focus * cross_entropy(centre, sure.float(), reduction="none") * told.judged
    nodules = told.weight.sum().clamp(min=1)
    taught = ~told.width.isnan()
    off = (width - told.width)[taught].abs()
    outline = cross_entropy(inside, told.inside, reduction="none")
    return {
        "centre": each.sum() / nodules,
        "width": WIDTH_WEIGHT * off.sum() / taught.sum().clamp(min=1),
        "inside": INSIDE_WEIGHT * outline.sum() / told.inside.sum().clamp(min=1),
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
    """The ONNX file's answer, (n, 1, h / 2, w / 2) each: score of a centre, diameter in mm, share that is inside."""

    def __init__(self, net: CentreNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, stacks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        sight = self.net(stacks)
        return sight.centre.sigmoid(), sight.width.exp(), sight.inside.sigmoid()


def ship_it(net: CentreNet, second: Reducer, sources: list[Data], data: Path | None, out: Path) -> None:
    """Export, prove, choose the threshold, evaluate, write the card."""
    folder = tracking.home() / "built" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    held = with_neighbours(lidc.crops(data, (VALID_FOLD,)))
    off = exported(net, folder, held) | second_look.exported(second, folder, held)
    write_card = partial(ship.write_card, folder, NAME, VERSION, sources, companions=(FILE,))
    write_card([Threshold(name="default", value=1.0, chosen="not yet chosen")], [])
    thresholds = chosen(lung_nodule.load(folder), held, data)
    write_card(thresholds, [])
    told = list(reports(data, folder))
    write_card(thresholds, told)
    measured = {f"shipped_{name}": metric.value for report in told for name, metric in report.metrics.items()}
    ship.publish(folder, out, measured | off, [loop.checkpoint_of(name) for name in (NAME, SECOND)])


def reports(data: Path | None, folder: Path) -> Iterator[Report]:
    """The held-out fold, and whole CTs where there are any."""
    yield evaluation.evaluate(data, "cv", folder)
    try:
        yield evaluation.evaluate(data, "whole", folder)
    except DataNotFound:
        return


def exported(net: CentreNet, folder: Path, held: list[lidc.Crop]) -> dict[str, float]:
    """Write the first net's ONNX file; its largest differences from torch over the held-out crops, by name."""
    shipped, path = Shipped(net).cpu().eval(), folder / ship.ARTIFACT
    cells, given = {0: "stacks", 2: "rows", 3: "columns"}, {0: "stacks", 2: "height", 3: "width"}
    told = dict.fromkeys(("centre", "diameter", "inside"), cells)
    ship.export(shipped, torch.rand(1, DEPTH, 64, 80), path, "stacks", told, given)
    return ship.parity(shipped, path, "stacks", (central(crop)[None] for crop in held), PARITY)


def chosen(model: LungNodule, held: list[lidc.Crop], data: Path | None) -> list[Threshold]:
    """The card's operating points: few false marks on a whole CT; the level of the patch metric beside it."""
    rim = level(np.concatenate([look(model.judged, crop).background for crop in held]))
    told = f"score that one window of the periphery in a hundred exceeds, fold {VALID_FOLD}"
    points = [Threshold(name="periphery", value=rim, chosen=told)]
    for name in lidc.negatives(data):
        if name != evaluation.TRAINED_NEGATIVE:
            false = [each.score for each in model.detect(*lidc.negative(name, data), LEAST).findings]
            words = f"lowest score that marks {FALSE_FINDINGS} findings on {name}, a CT without nodules not trained on"
            return [Threshold(name="default", value=_lowest(false, FALSE_FINDINGS), chosen=words), *points]
    return [Threshold(name="default", value=rim, chosen=told), *points]


def _lowest(scores: list[float], count: int) -> float:
    """The lowest score, with a little to spare, that at most `count` of the scores reach; 0.5 where there are fewer."""
    ordered = sorted(scores, reverse=True)
    if len(ordered) <= count:
        return 0.5
    return ordered[count] + SPARE * (ordered[count - 1] - ordered[count])
