"""`cdss train fracture`: FracAtlas -> a one-stage detector learnt from small views -> ONNX and card."""

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
from cdss.training.imaging import boxloss, films, loop, points, scope, ship, views
from cdss.training.imaging.detector import Committee, Detector
from cdss.training.imaging.films import Mix
from cdss.training.imaging.loop import Plan
from cdss.training.imaging.reader import Reader, Shipped, glance

NAME, VERSION = "fracture", "0.3.0"
BATCH = 16  # from 16 on one thread computes 1 x 1 convolutions twice as fast
SEEDS = (20261121, 20261125)  # one member each
# The second sees more normal films, most often those that the first took for fractured.
MIXES = (Mix(normals=1.0), Mix(normals=2.0))
EPOCHS = 20
RATES = {"backbone": 1e-4, "": 8e-4}  # at 3e-4 the backbone, which has no norms left, died
CHECK_EVERY = 5  # epochs
PARITY = {
    "probability": 5e-5,
    "scores": 5e-5,
    "distances_px": 0.01,
    "unlikeness": 0.01,
}  # float32 rounds; seen 7e-6, 1.5e-6, 6e-4
SCREENING, CONFIRMING = 0.90, 0.95  # sensitivity, specificity
FALSE_BOXES = 0.2  # told boxes on a film without fracture, on average


def train(data: Path | None, out: Path | None, epochs: int = EPOCHS) -> None:
    """Train on the split `train`, check on `valid`, write model.onnx and MODEL_CARD.yaml to `out`."""
    folder = folder_of(fracatlas.SOURCE, data)
    fit_on = films.stock(fracatlas.films("train", data), SIDE)
    check_on = films.stock(fracatlas.films("valid", data), SIDE)
    source = Data(
        name=fracatlas.SOURCE.name,
        licence=fracatlas.SOURCE.licence,
        citation=fracatlas.SOURCE.citation,
        digest=digest(fracatlas.SOURCE, folder),
        split="train: fitted; valid: calibrated, thresholds chosen; test: kept for acceptance",
    )
    params = {"epochs": epochs, "seeds": SEEDS, "mixes": MIXES, "rates": RATES, "side": SIDE, "view": views.SIDE}
    with tracking.run(NAME, params | {"batch": BATCH, "data": source.digest}):
        first = member(0, fit_on, check_on, epochs)
        second = member(1, fit_on, check_on, epochs, suspicion(first, fit_on))
        ship_it(Committee([first, second]), fit_on, check_on, source, data, out or Path(models.__file__).parent / NAME)


def member(
    number: int, fit_on: films.Stock, check_on: films.Stock, epochs: int, suspicion: NDArray[np.float64] | None = None
) -> Detector:
    """One trained, averaged net of the committee; `suspicion` (films,) of the one before it."""
    mix, few = dataclasses.replace(MIXES[number], suspicion=suspicion), films.even(check_on)
    steps = len(films.drawn(fit_on, mix, np.random.default_rng(0)).films) // BATCH
    plan = Plan(epochs=epochs, steps=max(1, steps), rates=RATES, check_every=CHECK_EVERY, seed=SEEDS[number])
    net = Detector().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.backbone.start()
    trained = loop.fit(
        net,
        plan,
        lambda epoch: batches(fit_on, mix, plan, epoch),
        losses,
        lambda net: checked(net, few),
        checkpoint(number),
    )
    assert isinstance(trained, Detector)
    return trained


def checkpoint(number: int) -> Path:
    """Where a member is kept until the model is shipped."""
    return loop.checkpoint_of(f"{NAME}-{number}")


@torch.no_grad()
def suspicion(net: Detector, stock: films.Stock) -> NDArray[np.float64]:
    """(films,) how much each film looks fractured to `net`, in [0, 1]."""
    ready = (torch.from_numpy(image)[None, None].to(loop.device()).float() / 255 for image in stock.images)
    return np.asarray([glance(net, film).item() for film in ready])


def batches(stock: films.Stock, mix: films.Mix, plan: Plan, epoch: int) -> Iterator[views.Batch]:
    """One epoch's views, varied; the same for the same seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    order = films.drawn(stock, mix, generator)
    for start in range(0, plan.steps * BATCH, BATCH):
        rows = slice(start, start + BATCH)
        yield views.batch(stock, films.Views(order.films[rows], order.near[rows]), generator)


def losses(net: nn.Module, batch: views.Batch) -> dict[str, Tensor]:
    """One step's losses by name."""
    place = loop.device()
    answer = net(batch.pixels.to(place, memory_format=torch.channels_last))
    return boxloss.loss(answer, [each.to(place) for each in batch.taught], [each.to(place) for each in batch.partial])


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """What was read of a stock of films: boxes in net pixels and their scores are one array a film."""

    evidence: NDArray[np.float64]  # (films, 2) logits, as in Reading
    boxes: list[NDArray[np.float64]]
    scores: list[NDArray[np.float64]]


@torch.no_grad()
def answers(net: Detector | Committee, stock: films.Stock) -> Answers:
    """Every film once, read as the shipped file reads it."""
    reader = Reader(net)
    evidence, boxes, scores = [], [], []
    for image in stock.images:
        film = torch.from_numpy(image)[None, None].float() / 255
        told = reader(film.to(loop.device(), memory_format=torch.channels_last))
        cells, distances = told.cells.sigmoid()[0, 0].cpu().numpy(), told.distances[0].cpu().numpy()
        each, score = found(cells, distances, evaluation.LEAST)
        evidence.append(told.evidence[0].tolist())
        boxes.append(each.astype(float))
        scores.append(score.astype(float))
    return Answers(np.asarray(evidence), boxes, scores)


def checked(net: nn.Module, stock: films.Stock) -> dict[str, float]:
    """mAP50 on the fractured films, and the AUC of each evidence."""
    assert isinstance(net, Detector)
    told = answers(net, stock)
    keep = np.flatnonzero(stock.fractured)
    wanted = [stock.boxes[i].astype(float) for i in keep]
    scores = [told.scores[i] for i in keep]
    hits = matches(scores, [told.boxes[i] for i in keep], wanted, 0.5)
    precision = average_precision(np.concatenate(scores), np.concatenate(hits), sum(len(each) for each in wanted))
    whole, worst = (auc(each, stock.fractured) for each in told.evidence.T)
    return {"valid_map50": precision, "valid_auc_whole": whole, "valid_auc_worst": worst}


def ship_it(
    net: Committee, fit_on: films.Stock, check_on: films.Stock, source: Data, data: Path | None, out: Path
) -> None:
    """Calibrate, choose thresholds, export, prove, evaluate, write the card."""
    ship.rounded(net)
    told, known = answers(net, check_on), scope.fitted(net, fit_on)
    weights = points.weights(told.evidence, check_on.fractured)
    probability = 1 / (1 + np.exp(-(weights[0] + told.evidence @ weights[1:])))
    folder = tracking.home() / "built" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    shipped = scope.Scoped(Shipped(Reader(net), weights.tolist()), known).cpu().eval()
    off = exported(shipped, folder / ship.ARTIFACT, check_on)
    thresholds = [*chosen(probability, told, check_on.fractured), scope.chosen(known, check_on)]
    ship.write_card(folder, NAME, VERSION, [source], thresholds, [])
    report = evaluation.evaluate(data, "valid", folder)
    ship.write_card(folder, NAME, VERSION, [source], thresholds, [report])
    measured = {f"shipped_{name}": metric.value for name, metric in report.metrics.items()}
    ship.publish(folder, out, measured | off, [checkpoint(number) for number in range(len(SEEDS))])


def exported(shipped: nn.Module, path: Path, check_on: films.Stock) -> dict[str, float]:
    """Write the ONNX file; its largest differences from torch over the validation films, by name."""
    cells = {0: "films", 2: "cell_rows", 3: "cell_columns"}
    outputs = {"probability": {0: "films"}, "scores": cells, "distances": cells, "unlikeness": {0: "films"}}
    ship.export(shipped, torch.rand(1, 1, SIDE, SIDE), path, "film", outputs, {0: "films", 2: "rows", 3: "columns"})
    ship.halve(path)
    images = ((image[None, None] / np.float32(255)).astype(np.float32) for image in check_on.images)
    return ship.parity(shipped, path, "film", images, PARITY)


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
