"""`cdss evaluate fracture`: boxes and film probabilities of the shipped detector on a split of FracAtlas.

mAP is COCO's 101-point average precision over the fractured films, as the papers on FracAtlas report it; the
probability of a film is judged on all films. Patients are guessed from acquisition numbers (datasets.fracatlas).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import fracatlas
from cdss.datasets.fracatlas import Film
from cdss.evaluation import bootstrap
from cdss.evaluation.detection import average_precision, matches
from cdss.evaluation.ranking import auc, sensitivity_at_specificity
from cdss.evaluation.report import Metric, Report, Subgroup
from cdss.models import fracture
from cdss.models.fracture import Fracture

SPLITS = ("valid", "test")
DEFAULT_SPLIT = "valid"
LEAST = 0.01  # box score below which a box adds nothing to the average precision
STRICT = tuple(np.arange(0.5, 0.96, 0.05))  # COCO's ten overlaps
SMALL = 0.08  # of the film's longest side: square root of a box's area that parts small from large fractures
REPEATS = 500
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Read:
    """The films of a split and what the model said of each."""

    films: list[Film]
    probability: Floats  # (films,)
    scores: list[Floats]  # of its boxes, one array a film
    boxes: list[Floats]  # (n, 4)

    @property
    def fractured(self) -> NDArray[np.bool_]:
        """(films,) which are."""
        return np.asarray([film.fractured for film in self.films])


def evaluate(data: Path | None, split: str, folder: Path | None = None) -> Report:
    """The detector in `folder` (default: the one shipped) on the films of `split`. Raises DataNotFound."""
    model = fracture.load(folder)
    read = _read(model, fracatlas.films(split, data))
    return Report(
        model=model.card.name,
        version=model.card.version,
        digest=model.card.digest,
        dataset=fracatlas.SOURCE.name,
        split=split,
        n=len(read.films),
        events=int(read.fractured.sum()),
        metrics=_metrics(read, _everyone(read)) | _operating(read, model),
        baselines=_baselines(read),
        subgroups=_subgroups(read),
        notes=[
            "map50, map50_95: fractured films only; map50_all: normal films count too",
            "patients are guessed: consecutive acquisition numbers are taken for one",
        ],
    )


def _read(model: Fracture, films: list[Film]) -> Read:
    readings = [model.detect(fracatlas.pixels(film), LEAST) for film in films]
    return Read(
        films,
        np.asarray([reading.probability for reading in readings]),
        [np.asarray([box.score for box in reading.findings]) for reading in readings],
        [np.asarray([box.box for box in reading.findings]).reshape(-1, 4) for reading in readings],
    )


def _everyone(read: Read) -> Rows:
    return np.arange(len(read.films))


def _metrics(read: Read, rows: Rows) -> dict[str, Metric]:
    """The fixed keys, on some of the films."""
    patients = fracatlas.patients(read.films)
    fractured = rows[read.fractured[rows]]
    probability, events = read.probability[rows], read.fractured[rows]
    measured = {
        "map50": bootstrap.metric(_precision(read, fractured, (0.5,)), patients[fractured], REPEATS),
        "map50_95": bootstrap.metric(_precision(read, fractured, STRICT), patients[fractured], REPEATS),
        "map50_all": bootstrap.metric(_precision(read, rows, (0.5,)), patients[rows], REPEATS),
        "image_auc": bootstrap.metric(lambda r: auc(probability[r], events[r]), patients[rows], REPEATS),
        "sensitivity_at_90_specificity": bootstrap.metric(
            lambda r: sensitivity_at_specificity(probability[r], events[r], 0.9), patients[rows], REPEATS
        ),
    }
    return {name: metric for name, metric in measured.items() if np.isfinite(metric.value)}


def _precision(read: Read, rows: Rows, overlaps: tuple[float, ...]) -> Callable[[Rows], float]:
    """Average precision of draws from `rows`, mean over `overlaps`."""
    wanted = [read.films[i].boxes.astype(float) for i in rows]
    scores = [read.scores[i] for i in rows]
    hits = [matches(scores, [read.boxes[i] for i in rows], wanted, least) for least in overlaps]
    counts = np.asarray([len(each) for each in wanted])

    def statistic(drawn: Rows) -> float:
        if not len(drawn):
            return float("nan")
        told, total = np.concatenate([scores[i] for i in drawn]), int(counts[drawn].sum())
        return float(np.mean([average_precision(told, np.concatenate([h[i] for i in drawn]), total) for h in hits]))

    return statistic


def _operating(read: Read, model: Fracture) -> dict[str, Metric]:
    """Sensitivity and specificity at the card's two operating points; boxes at the card's `box`."""
    patients, events = fracatlas.patients(read.films), read.fractured
    told: dict[str, Metric] = {}
    for point in ("screening", "confirming"):
        flagged = read.probability >= model.card.threshold(point)
        told[f"sensitivity_{point}"] = bootstrap.metric(_share(flagged, events), patients, REPEATS)
        told[f"specificity_{point}"] = bootstrap.metric(_share(~flagged, ~events), patients, REPEATS)
    least = model.card.threshold("box")
    shown = [scores >= least for scores in read.scores]
    hits = matches(
        [s[k] for s, k in zip(read.scores, shown, strict=True)],
        [b[k] for b, k in zip(read.boxes, shown, strict=True)],
        [film.boxes.astype(float) for film in read.films],
        0.5,
    )
    found = np.asarray([each.sum() for each in hits])
    wanted = np.asarray([len(film.boxes) for film in read.films])
    false = np.asarray([(each == 0).sum() for each in hits])
    told["box_sensitivity"] = bootstrap.metric(
        lambda r: float(found[r].sum() / wanted[r].sum()) if wanted[r].any() else float("nan"), patients, REPEATS
    )
    told["false_boxes_per_film"] = bootstrap.metric(lambda r: float(false[r].mean()), patients, REPEATS)
    return told


def _share(flagged: NDArray[np.bool_], among: NDArray[np.bool_]) -> Callable[[Rows], float]:
    return lambda rows: float(flagged[rows][among[rows]].mean()) if among[rows].any() else float("nan")


def _baselines(read: Read) -> dict[str, dict[str, Metric]]:
    """The hardware flag as a film score; one box of the middle size in the middle of every film."""
    patients, events = fracatlas.patients(read.films), read.fractured
    hardware = np.asarray([float(film.hardware) for film in read.films])
    flag = {"image_auc": bootstrap.metric(lambda r: auc(hardware[r], events[r]), patients, REPEATS)}
    broken = [film for film in read.films if film.fractured]
    if not broken:
        return {"hardware_flag": flag}
    placed = Read(broken, np.ones(len(broken)), [np.ones(1)] * len(broken), _middle(broken))
    precision = _precision(placed, _everyone(placed), (0.5,))
    return {
        "hardware_flag": flag,
        "middle_box": {"map50": bootstrap.metric(precision, patients[events], REPEATS)},
    }


def _middle(films: list[Film]) -> list[Floats]:
    """For each film one box in its middle, as large as the median fracture of these films."""
    boxes = np.concatenate([film.boxes for film in films])
    half = np.median(boxes[:, 2:] - boxes[:, :2], axis=0) / 2
    centres = [np.asarray(fracatlas.pixels(film).shape[::-1]) / 2 for film in films]
    return [np.concatenate([centre - half, centre + half])[None] for centre in centres]


def _subgroups(read: Read) -> list[Subgroup]:
    """By region, without and with hardware, and by the size of the fractures on the film."""
    groups = [("region", region, [region in film.regions for film in read.films]) for region in fracatlas.REGIONS]
    groups += [
        ("hardware", value, [film.hardware == (value == "yes") for film in read.films]) for value in ("no", "yes")
    ]
    groups += [
        ("fractures", "small", [film.fractured and _size(film) < SMALL for film in read.films]),
        ("fractures", "large", [film.fractured and _size(film) >= SMALL for film in read.films]),
    ]
    told = []
    for group, value, members in groups:
        rows = np.flatnonzero(members)
        if len(rows):
            told.append(Subgroup(group, value, len(rows), int(read.fractured[rows].sum()), _metrics(read, rows)))
    return told


def _size(film: Film) -> float:
    """Square root of the largest box's area, as a share of the film's longest side."""
    sides = film.boxes[:, 2:] - film.boxes[:, :2]
    return float(np.sqrt(sides.prod(1).max()) / max(fracatlas.pixels(film).shape))
