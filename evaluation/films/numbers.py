"""Metrics of films read: boxes, ranking and calibration of the film's probability, operating points."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap, metrics
from cdss.evaluation.detection import average_precision, found_at, matches
from cdss.evaluation.films.read import Read, Rows
from cdss.evaluation.froc import hits_at
from cdss.evaluation.ranking import auc, sensitivity_at_specificity
from cdss.evaluation.report import Metric
from cdss.models.card import Card

REPEATS = 500
HALF = 0.5  # overlap (IoU) from which a box is a hit
STRICT = tuple(np.arange(0.5, 0.96, 0.05))  # COCO's ten overlaps
RATES = {"1_8": 1 / 8, "1_4": 1 / 4, "1_2": 1 / 2, "1": 1.0}  # false boxes a normal film
Statistic = Callable[[Rows], float]


def ranking(read: Read, rows: Rows) -> dict[str, Metric]:
    """The fixed keys, on some of the films; what is not defined on them is left out."""
    patients = read.patients
    fractured = rows[read.fractured[rows]]
    probability, events = read.probability[rows], read.fractured[rows]
    measured = {
        "map50": bootstrap.metric(precision(read, fractured, (HALF,)), patients[fractured], REPEATS),
        "map50_95": bootstrap.metric(precision(read, fractured, STRICT), patients[fractured], REPEATS),
        "map50_all": bootstrap.metric(precision(read, rows, (HALF,)), patients[rows], REPEATS),
        "image_auc": bootstrap.metric(lambda r: auc(probability[r], events[r]), patients[rows], REPEATS),
        "sensitivity_at_90_specificity": bootstrap.metric(
            lambda r: sensitivity_at_specificity(probability[r], events[r], 0.9), patients[rows], REPEATS
        ),
    }
    return {name: metric for name, metric in measured.items() if np.isfinite(metric.value)}


def precision(read: Read, rows: Rows, overlaps: tuple[float, ...]) -> Statistic:
    """Average precision of draws from `rows`, mean over `overlaps`."""
    wanted = [read.wanted[i] for i in rows]
    scores = [read.scores[i] for i in rows]
    hits = [matches(scores, [read.boxes[i] for i in rows], wanted, least) for least in overlaps]
    counts = np.asarray([len(each) for each in wanted])

    def statistic(drawn: Rows) -> float:
        if not len(drawn):
            return float("nan")
        told, total = np.concatenate([scores[i] for i in drawn]), int(counts[drawn].sum())
        return float(np.mean([average_precision(told, np.concatenate([h[i] for i in drawn]), total) for h in hits]))

    return statistic


def points(read: Read, card: Card, rows: Rows, names: tuple[str, ...]) -> dict[str, Metric]:
    """Sensitivity and specificity of some of the films at operating points of the card."""
    events = read.fractured[rows]
    told: dict[str, Metric] = {}
    for name in names:
        flagged = read.probability[rows] >= card.threshold(name)
        told[f"sensitivity_{name}"] = bootstrap.metric(_share(flagged, events), read.patients[rows], REPEATS)
        told[f"specificity_{name}"] = bootstrap.metric(_share(~flagged, ~events), read.patients[rows], REPEATS)
    return {name: metric for name, metric in told.items() if np.isfinite(metric.value)}


def shown(read: Read, card: Card) -> dict[str, Metric]:
    """Boxes at the card's `box`: share of the fractures that one overlaps, and false ones a film."""
    least = card.threshold("box")
    some = [scores >= least for scores in read.scores]
    hits = matches(
        [s[k] for s, k in zip(read.scores, some, strict=True)],
        [b[k] for b, k in zip(read.boxes, some, strict=True)],
        read.wanted,
        HALF,
    )
    found = np.asarray([each.sum() for each in hits])
    wanted = np.asarray([len(each) for each in read.wanted])
    false = np.asarray([(each == 0).sum() for each in hits])
    return {
        "box_sensitivity": bootstrap.metric(
            lambda r: float(found[r].sum() / wanted[r].sum()) if wanted[r].any() else float("nan"),
            read.patients,
            REPEATS,
        ),
        "false_boxes_per_film": bootstrap.metric(lambda r: float(false[r].mean()), read.patients, REPEATS),
    }


def free_response(read: Read) -> dict[str, Metric]:
    """`fracture_sensitivity_at_1_2_fp`: share of fractures found at half a false box on a normal film, and so on."""
    found = [found_at(*each, HALF) for each in zip(read.scores, read.boxes, read.wanted, strict=True)]
    normal = ~read.fractured

    def statistic(rate: float, rows: Rows) -> float:
        calm = rows[normal[rows]]
        lesions = np.concatenate([found[i] for i in rows])
        if not len(calm) or not len(lesions):
            return float("nan")
        false = np.concatenate([read.scores[i] for i in calm])
        return hits_at(lesions, false, len(calm), rate) / len(lesions)

    told = {
        f"fracture_sensitivity_at_{name}_fp": bootstrap.metric(partial(statistic, rate), read.patients, REPEATS)
        for name, rate in RATES.items()
    }
    return {name: metric for name, metric in told.items() if np.isfinite(metric.value)}


def calibration(read: Read) -> dict[str, Metric]:
    """Of the film's probability: `calibration_slope` (1 is right) and `o_e` (above 1: predicts too few)."""
    events, probability = read.fractured.astype(np.int64), read.probability.astype(float)

    def numbers(weights: NDArray[np.float64]) -> dict[str, float]:
        seen = (weights * events, probability, weights)
        return {
            "calibration_slope": metrics.calibration(*seen)[1],
            "o_e": metrics.observed_expected(*seen),
        }

    found = bootstrap.people(numbers, len(events), REPEATS, patients=read.patients)
    return {name: metric for name, metric in found.items() if np.isfinite(metric.value)}


def _share(flagged: NDArray[np.bool_], among: NDArray[np.bool_]) -> Statistic:
    return lambda rows: float(flagged[rows][among[rows]].mean()) if among[rows].any() else float("nan")
