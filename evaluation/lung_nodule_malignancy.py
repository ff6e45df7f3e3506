"""`cdss evaluate lung_nodule_malignancy`: the shipped rating beside size and shape, on nodules that readers rated.

The event is that the median of three readers or more is 4 or 5; medians of 1 and 2 are the others, between nothing is
claimed. `cv`: each nodule of folds 0 to 4 by the net that has not seen its patient. `all`: every nodule of the folder
by the mean of the nets, as it is shipped; for folders of patients that it was not trained on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import lidc
from cdss.datasets.lidc import Crop
from cdss.datasets.lidc_ratings import Ratings, ratings
from cdss.datasets.source import DataNotFound, digest, folder_of
from cdss.evaluation import bootstrap
from cdss.evaluation.curves import panel
from cdss.evaluation.metrics import brier, calibration, observed_expected
from cdss.evaluation.ranking import auc, sensitivity_at_specificity
from cdss.evaluation.ratings.given import SHIFT_MM, SIZE_OFF, given
from cdss.evaluation.ratings.shape import forest, measures
from cdss.evaluation.report import Metric, Report, Subgroup
from cdss.models import lung_nodule_malignancy
from cdss.models.lung_nodule_malignancy import Malignancy

SPLITS = ("cv", "all")
DEFAULT_SPLIT = "cv"
FOLDS = (0, 1, 2, 3, 4)
REPEATS = 500
SPECIFICITY = 0.9
FEWEST = 10  # events and others in a group that gets numbers
Floats = NDArray[np.float64]
Events = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judged:
    """Nodules with a verdict of the readers, and what is said of each: by the model, its size, its shape."""

    crops: list[Crop]
    said: list[Ratings]
    event: Events
    probability: Floats
    size: Floats
    shape: Floats

    @property
    def patients(self) -> NDArray[np.str_]:
        """Whose nodule it is."""
        return np.asarray([crop.patient for crop in self.crops])


def evaluate(data: Path | None, split: str, folder: Path | None = None) -> Report:
    """The model in `folder` (default: the one shipped) on the nodules of `split`. Raises DataNotFound."""
    model = lung_nodule_malignancy.load(folder)
    crops, said = lidc.crops(data, FOLDS if split == "cv" else None), ratings(data)
    told = judged([crop for crop in crops if said[crop.name].malignant is not None], said, model, split)
    trained_on = {each.digest for each in model.card.data}
    return Report(
        model=model.card.name,
        version=model.card.version,
        digest=model.card.digest,
        dataset=lidc.CROPS.name,
        split=split,
        n=len(told.crops),
        events=int(told.event.sum()),
        metrics=_metrics(told),
        baselines={name: _ranking(told, score) for name, score in _baselines(told).items()},
        subgroups=_subgroups(told),
        notes=_notes(split, digest(lidc.CROPS, folder_of(lidc.CROPS, data)) in trained_on, crops, told),
        curves=[
            panel(
                "",
                told.event.astype(np.int64),
                {model.card.name: told.probability, "shape_forest": told.shape},
                {"size": told.size},
                REPEATS // 4,
            )
        ],
    )


def judged(crops: list[Crop], said: dict[str, Ratings], model: Malignancy, split: str) -> Judged:
    """The crops (all with a verdict) and what is said of them. DataNotFound if there are none of both verdicts."""
    event = np.asarray([said[crop.name].malignant for crop in crops], bool)
    if not len(crops) or event.all() or not event.any():
        raise DataNotFound(
            f"found {int(event.sum())} malignant of {len(crops)} nodules with a verdict of three readers; expected both"
        )
    windows, diameters = zip(*map(given, crops), strict=True)
    columns = model.look(np.stack(windows), diameters).astype(np.float64)
    folds = np.asarray([crop.fold for crop in crops])
    own = columns[np.arange(len(crops)), folds] if split == "cv" else columns.mean(axis=1)
    features = np.stack([measures(crop) for crop in crops])
    return Judged(
        crops,
        [said[crop.name] for crop in crops],
        event,
        own,
        np.asarray([crop.diameter_mm for crop in crops]),
        forest(features, event, grouped(crops)),
    )


def grouped(crops: list[Crop]) -> Rows:
    """The folder's folds of patients; where it has none, five made of its patients in their order."""
    folds = np.asarray([crop.fold for crop in crops])
    if len(np.unique(folds)) > 1:
        return folds
    _, patients = np.unique([crop.patient for crop in crops], return_inverse=True)
    return patients % len(FOLDS)


def _baselines(told: Judged) -> dict[str, Floats]:
    return {"size": told.size, "shape_forest": told.shape}


def _metrics(told: Judged) -> dict[str, Metric]:
    """Ranking, what more it ranks than each baseline in the same draws, and whether the probability can be believed."""
    event, said = told.event.astype(np.int64), told.probability
    gains = {
        f"auc_gain_over_{name}": _metric(told, _gain(told.event, said, score))
        for name, score in _baselines(told).items()
    }
    return {
        **_ranking(told, said),
        **gains,
        "calibration_slope": _metric(told, lambda rows: calibration(event[rows], said[rows])[1]),
        "o_e": _metric(told, lambda rows: observed_expected(event[rows], said[rows])),
        "brier": _metric(told, lambda rows: brier(event[rows], said[rows])),
    }


def _ranking(told: Judged, score: Floats) -> dict[str, Metric]:
    """How a score ranks malignant above benign."""
    event = told.event
    return {
        "auc": _metric(told, lambda rows: auc(score[rows], event[rows])),
        "sensitivity_at_90_specificity": _metric(
            told, lambda rows: sensitivity_at_specificity(score[rows], event[rows], SPECIFICITY)
        ),
    }


def _gain(event: Events, said: Floats, beside: Floats) -> Callable[[Rows], float]:
    return lambda rows: auc(said[rows], event[rows]) - auc(beside[rows], event[rows])


def _metric(told: Judged, statistic: Callable[[Rows], float]) -> Metric:
    return bootstrap.metric(statistic, told.patients, REPEATS)


def _subgroups(told: Judged) -> list[Subgroup]:
    """AUC of the model and of size among nodules alike; no number where one verdict is rare."""
    found = []
    for group, value, belongs in GROUPS:
        rows = np.flatnonzero([belongs(crop, said) for crop, said in zip(told.crops, told.said, strict=True)])
        events = int(told.event[rows].sum())
        if len(rows):
            enough = min(events, len(rows) - events) >= FEWEST
            found.append(Subgroup(group, value, len(rows), events, _within(told, rows) if enough else {}))
    return found


def _within(told: Judged, rows: Rows) -> dict[str, Metric]:
    event, patients = told.event[rows], told.patients[rows]

    def ranked(score: Floats) -> Metric:
        return bootstrap.metric(lambda draw: auc(score[draw], event[draw]), patients, REPEATS)

    return {"auc": ranked(told.probability[rows]), "auc_size": ranked(told.size[rows])}


def _texture(said: Ratings) -> float:
    """The median rating of texture; nan where there is none."""
    return median(said.texture) if said.texture else float("nan")


GROUPS: tuple[tuple[str, str, Callable[[Crop, Ratings], bool]], ...] = (
    ("diameter_mm", "< 6", lambda crop, _: crop.diameter_mm < 6),
    ("diameter_mm", "6-8", lambda crop, _: 6 <= crop.diameter_mm < 8),
    ("diameter_mm", "8-15", lambda crop, _: 8 <= crop.diameter_mm < 15),
    ("diameter_mm", ">= 15", lambda crop, _: crop.diameter_mm >= 15),
    ("texture", "ground glass", lambda _, said: _texture(said) < 2),
    ("texture", "part-solid", lambda _, said: 2 <= _texture(said) <= 4),
    ("texture", "solid", lambda _, said: _texture(said) > 4),
    ("slice_mm", "<= 1.25", lambda crop, _: crop.thick_mm <= 1.25),
    ("slice_mm", "1.25-2.5", lambda crop, _: 1.25 < crop.thick_mm <= 2.5),
    ("slice_mm", "> 2.5", lambda crop, _: crop.thick_mm > 2.5),
    ("hu", "calibrated", lambda crop, _: None not in crop.slope),
    ("hu", "guessed", lambda crop, _: None in crop.slope),
)


def _notes(split: str, seen: bool, crops: list[Crop], told: Judged) -> list[str]:
    notes = [
        "the event is an opinion: a median of 4 or 5 of three readers or more, against 1 or 2; it is not pathology",
        f"{len(crops) - len(told.crops)} of {len(crops)} nodules have a median between, or too few readers, and are "
        "not judged; the probability is one among nodules that readers had made up their minds on",
        f"the model is given a middle and a diameter as a detector would, off by {SHIFT_MM:g} mm along each axis and "
        f"{SIZE_OFF:.0%} (standard deviations, always the same for a nodule), and no outline; size and shape_forest "
        "are given the readers' own diameter and outlines, which no machine has",
        "shape_forest is grown on the other folds of patients",
    ]
    if split == "cv":
        notes.append(
            "each nodule is judged by the one net of five that has not seen its patient; shipped is their mean"
        )
    elif seen:
        notes.append(
            "in-sample: this is the folder the nets were trained on, and four of five have seen each nodule; "
            "use --split cv"
        )
    return notes
