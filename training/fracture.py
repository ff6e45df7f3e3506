"""`cdss train fracture`: FracAtlas -> a one-stage detector with a logit for the whole film -> ONNX and card."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cdss import models
from cdss.datasets import fracatlas
from cdss.datasets.source import digest, folder_of
from cdss.evaluation import fracture as evaluation
from cdss.evaluation.detection import average_precision, matches
from cdss.evaluation.ranking import auc
from cdss.models.card import Data, Threshold
from cdss.models.fracture.film import SIDE
from cdss.models.fracture.reading import found
from cdss.training import tracking
from cdss.training.imaging import boxloss, films, loop, points, ship
from cdss.training.imaging.detector import Detector
from cdss.training.imaging.loop import Plan

NAME, VERSION = "fracture", "0.1.0"
BATCH = 4  # small batches stay in the cache: a third faster on CPU than 8
NORMALS_EACH = 1.3  # normal films an epoch for each fractured one
EPOCHS = 12
RATES = {"backbone": 6e-5, "": 6e-4}  # at 3e-4 the backbone, which has no norms left, died within an epoch
SCREENING, CONFIRMING = 0.90, 0.95  # sensitivity, specificity
FALSE_BOXES = 0.2  # told boxes on a film without fracture, on average


def train(data: Path | None, out: Path | None, epochs: int = EPOCHS) -> None:
    """Train on the split `train`, check on `valid`, write model.onnx and MODEL_CARD.yaml to `out`."""
    folder = folder_of(fracatlas.SOURCE, data)
    fit_on = films.stock(fracatlas.films("train", data), SIDE)
    check_on = films.stock(fracatlas.films("valid", data), SIDE)
    steps = max(1, len(films.drawn(fit_on, NORMALS_EACH, np.random.default_rng(0))) // BATCH)
    plan = Plan(epochs=epochs, steps=steps, rates=RATES)
    source = Data(
        name=fracatlas.SOURCE.name,
        licence=fracatlas.SOURCE.licence,
        citation=fracatlas.SOURCE.citation,
        digest=digest(fracatlas.SOURCE, folder),
        split="train: fitted; valid: calibrated, thresholds chosen; test: kept for acceptance",
    )
    params = dataclasses.asdict(plan) | {
        "side": SIDE,
        "batch": BATCH,
        "normals_each": NORMALS_EACH,
        "data": source.digest,
    }
    with tracking.run(NAME, params):
        net = fitted(plan, fit_on, check_on)
        ship_it(net, check_on, source, data, out or Path(models.__file__).parent / NAME)


def fitted(plan: Plan, fit_on: films.Stock, check_on: films.Stock) -> Detector:
    """The trained, averaged net."""
    net = Detector().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.backbone.start()
    trained = loop.fit(
        net,
        plan,
        lambda epoch: batches(fit_on, plan, epoch),
        losses,
        lambda net: checked(net, check_on),
        loop.checkpoint_of(NAME),
    )
    assert isinstance(trained, Detector)
    return trained


def batches(stock: films.Stock, plan: Plan, epoch: int) -> Iterator[tuple[Tensor, list[Tensor], Tensor]]:
    """One epoch's films, varied; the same for the same seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    order = films.drawn(stock, NORMALS_EACH, generator)
    for start in range(0, plan.steps * BATCH, BATCH):
        rows = order[start : start + BATCH]
        images, boxes = films.varied(stock, rows, generator)
        yield images, boxes, torch.from_numpy(stock.fractured[rows]).float()


def losses(net: nn.Module, batch: tuple[Tensor, list[Tensor], Tensor]) -> dict[str, Tensor]:
    """One step's losses by name."""
    images, boxes, fractured = batch
    place = loop.device()
    answer = net(images.to(place, memory_format=torch.channels_last))
    return boxloss.loss(answer, [each.to(place) for each in boxes], fractured.to(place))


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """The net's answer to a stock of films: logit of each, boxes in net pixels and their scores, one array a film."""

    logits: NDArray[np.float64]
    boxes: list[NDArray[np.float64]]
    scores: list[NDArray[np.float64]]


@torch.no_grad()
def answers(net: nn.Module, stock: films.Stock) -> Answers:
    """Every film once, as it is."""
    logits: list[float] = []
    boxes, scores = [], []
    for start in range(0, len(stock.images), BATCH):
        images = torch.from_numpy(stock.images[start : start + BATCH]).float()[:, None] / 255
        answer = net(images.to(loop.device(), memory_format=torch.channels_last))
        logits += answer.film.tolist()
        cells = answer.cells.sigmoid()[:, 0].cpu().numpy()
        for cell, distance in zip(cells, answer.distances.cpu().numpy(), strict=True):
            each, score = found(cell, distance, evaluation.LEAST)
            boxes.append(each.astype(float))
            scores.append(score.astype(float))
    return Answers(np.asarray(logits), boxes, scores)


def checked(net: nn.Module, stock: films.Stock) -> dict[str, float]:
    """mAP50 on the fractured films and AUC of the film logit."""
    told = answers(net, stock)
    keep = np.flatnonzero(stock.fractured)
    wanted = [stock.boxes[i].astype(float) for i in keep]
    scores = [told.scores[i] for i in keep]
    hits = matches(scores, [told.boxes[i] for i in keep], wanted, 0.5)
    precision = average_precision(np.concatenate(scores), np.concatenate(hits), sum(len(each) for each in wanted))
    return {"valid_map50": precision, "valid_auc": auc(told.logits, stock.fractured)}


class Shipped(nn.Module):
    """The ONNX file's answer: calibrated probability (n,), cell scores (n, 1, r, c), distances (n, 4, r, c) in px."""

    def __init__(self, net: Detector, slope: float, intercept: float) -> None:
        super().__init__()
        self.net, self.slope, self.intercept = net, slope, intercept

    def forward(self, film: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        answer = self.net(film)
        return (answer.film * self.slope + self.intercept).sigmoid(), answer.cells.sigmoid(), answer.distances


def ship_it(net: Detector, check_on: films.Stock, source: Data, data: Path | None, out: Path) -> None:
    """Calibrate, choose thresholds, export, prove, evaluate, write the card."""
    told = answers(net, check_on)
    slope, intercept = points.line(told.logits, check_on.fractured)
    probability = 1 / (1 + np.exp(-(told.logits * slope + intercept)))
    shipped = Shipped(net, slope, intercept).cpu().eval()
    folder = tracking.home() / "built" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path, free = folder / ship.ARTIFACT, {0: "films"}
    outputs = {"probability": free, "scores": free, "distances": free}
    ship.export(shipped, torch.rand(1, 1, SIDE, SIDE), path, "film", outputs, free)
    off = ship.parity(shipped, path, "film", (image[None, None] / np.float32(255) for image in check_on.images))
    thresholds = chosen(probability, told, check_on.fractured)
    ship.write_card(folder, NAME, VERSION, [source], thresholds, [])
    report = evaluation.evaluate(data, "valid", folder)
    ship.write_card(folder, NAME, VERSION, [source], thresholds, [report])
    measured = {f"shipped_{name}": metric.value for name, metric in report.metrics.items()}
    parity = dict(zip(("parity_probability", "parity_scores", "parity_distances_px"), off, strict=True))
    ship.publish(folder, out, measured | parity, loop.checkpoint_of(NAME))


def chosen(probability: NDArray[np.float64], told: Answers, fractured: NDArray[np.bool_]) -> list[Threshold]:
    """The card's operating points."""
    normal = np.flatnonzero(~fractured)
    scores = np.sort(np.concatenate([told.scores[i] for i in normal]))[::-1]
    allowed = min(len(scores) - 1, round(FALSE_BOXES * len(normal)))
    return [
        Threshold(
            name="screening",
            value=points.at_sensitivity(probability, fractured, SCREENING),
            chosen=f"film probability with sensitivity {SCREENING:.2f} on the validation films",
        ),
        Threshold(
            name="confirming",
            value=points.at_specificity(probability, fractured, CONFIRMING),
            chosen=f"film probability with specificity {CONFIRMING:.2f} on the validation films",
        ),
        Threshold(
            name="box",
            value=float(scores[allowed]) if len(scores) else 0.5,
            chosen=f"box score with {FALSE_BOXES} boxes on average on a normal validation film",
        ),
    ]
