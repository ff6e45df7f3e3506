"""`cdss evaluate fracture`: boxes and film probabilities of the shipped detector on a split of FracAtlas.

mAP is COCO's 101-point average precision over the fractured films, as the papers on FracAtlas report it; the
probability of a film is judged on all films. Patients are guessed from acquisition numbers (datasets.fracatlas).
"""

from pathlib import Path

import numpy as np

from cdss.datasets import fracatlas
from cdss.datasets.fracatlas import Film
from cdss.evaluation import bootstrap
from cdss.evaluation.films import curves, numbers
from cdss.evaluation.films.groups import subgroups
from cdss.evaluation.films.numbers import HALF, REPEATS, precision
from cdss.evaluation.films.read import LEAST as LEAST
from cdss.evaluation.films.read import Floats, Read, read, seen
from cdss.evaluation.films.strains import STRAINS
from cdss.evaluation.films.worst import pictures as films_of
from cdss.evaluation.films.worst import worst
from cdss.evaluation.ranking import auc
from cdss.evaluation.report import Metric, Report, Robustness
from cdss.evaluation.robustness import Say, evenly, table
from cdss.models import fracture

SPLITS = ("valid", "test")
STRAINED_SPLITS = SPLITS
DEFAULT_SPLIT = "valid"
STRAINED = 60  # fractured films that are strained, and as many normal ones


def evaluate(data: Path | None, split: str, folder: Path | None = None) -> Report:
    """The detector in `folder` (default: the one shipped) on the films of `split`. Raises DataNotFound."""
    model = fracture.load(folder)
    films = fracatlas.films(split, data)
    everything = read(model, films, fracatlas.patients(films))
    told = everything.answered
    hardware = np.asarray([float(film.hardware) for film in told.films])
    return Report(
        model=model.card.name,
        version=model.card.version,
        digest=model.card.digest,
        dataset=fracatlas.SOURCE.name,
        split=split,
        n=len(told.films),
        events=int(told.fractured.sum()),
        metrics={
            **numbers.ranking(told, told.everyone),
            **numbers.points(told, model.card, told.everyone, ("screening", "confirming")),
            **numbers.shown(told, model.card),
            **numbers.free_response(told),
            **numbers.calibration(told),
        },
        baselines=_baselines(told, hardware),
        subgroups=subgroups(told, model.card),
        notes=[
            "map50, map50_95: fractured films only; map50_all: normal films count too",
            "patients are guessed: consecutive acquisition numbers are taken for one",
            "fracture_sensitivity_at_1_2_fp: fractures that a box overlaps by half, at half a false box on a normal "
            "film, and so on; sensitivity_screening of a group is at the one threshold for all",
            *_refusals(everything),
        ],
        curves=[curves.probability(told, model.card.name, {"hardware_flag": hardware})],
        plots=curves.plots(told),
        worst=worst(told, model.card),
    )


def _refusals(told: Read) -> list[str]:
    """Films that were not read count nowhere, and are told by name."""
    refused = [(film, why) for film, why in zip(told.films, told.refused, strict=True) if why]
    if not refused:
        return []
    broken = sum(film.fractured for film, _ in refused)
    names = "; ".join(f"{film.image_id}: {why}" for film, why in refused)
    return [f"{len(refused)} films were not read, {broken} of them fractured, and are left out of all numbers: {names}"]


def robustness(data: Path | None, split: str, say: Say, folder: Path | None = None) -> Robustness:
    """Film AUC and map50 of some of the films under each strain; `say` is told how far it is. Raises DataNotFound."""
    model = fracture.load(folder)
    films, patients = _some(fracatlas.films(split, data))
    threshold = model.card.threshold("screening")

    def see(strain: str) -> Read:
        say(f"{list(STRAINS).index(strain) + 1}/{len(STRAINS)} {strain}: {len(films)} films")
        return read(
            model, films, patients, lambda film: STRAINS[strain](seen(film), np.random.default_rng(film.number))
        )

    rows = table(
        STRAINS,
        see,
        _statistics,
        lambda told: told.probability >= threshold,
        patients,
        lambda told: sum(map(bool, told.refused)),
    )
    return Robustness(len(films), sum(film.fractured for film in films), threshold, rows)


def pictures(report: Report, data: Path | None) -> list[str]:
    """A picture of each of the report's worst films, as a data URI."""
    return films_of(report.worst, report.split, data)


def _some(films: list[Film]) -> tuple[list[Film], np.ndarray]:
    """STRAINED fractured films and as many normal ones, in order, and whose they are."""
    fractured = np.asarray([film.fractured for film in films])
    rows = np.sort(np.concatenate([evenly(np.flatnonzero(kind), STRAINED) for kind in (fractured, ~fractured)]))
    return [films[i] for i in rows], fracatlas.patients(films)[rows]


def _statistics(told: Read) -> dict[str, numbers.Statistic]:
    fractured = np.flatnonzero(told.fractured)
    place = np.full(len(told.films), -1)
    place[fractured] = np.arange(len(fractured))
    boxes = precision(told, fractured, (HALF,))
    return {
        "image_auc": lambda rows: auc(told.probability[rows], told.fractured[rows]),
        "map50": lambda rows: boxes(place[rows[told.fractured[rows]]]),
    }


def _baselines(told: Read, hardware: Floats) -> dict[str, dict[str, Metric]]:
    """The hardware flag as a film score; one box of the middle size in the middle of every film."""
    events = told.fractured
    flag = {"image_auc": bootstrap.metric(lambda r: auc(hardware[r], events[r]), told.patients, REPEATS)}
    broken = [film for film in told.films if film.fractured]
    if not broken:
        return {"hardware_flag": flag}
    patients, wanted = told.patients[events], [film.boxes.astype(float) for film in broken]
    placed = Read(
        broken, patients, wanted, np.ones(len(broken)), [np.ones(1)] * len(broken), _middle(broken), [""] * len(broken)
    )
    return {
        "hardware_flag": flag,
        "middle_box": {"map50": bootstrap.metric(precision(placed, placed.everyone, (HALF,)), patients, REPEATS)},
    }


def _middle(films: list[Film]) -> list[Floats]:
    """For each film one box in its middle, as large as the median fracture of these films."""
    boxes = np.concatenate([film.boxes for film in films])
    half = np.median(boxes[:, 2:] - boxes[:, :2], axis=0) / 2
    centres = [np.asarray(fracatlas.pixels(film).shape[::-1]) / 2 for film in films]
    return [np.concatenate([centre - half, centre + half])[None] for centre in centres]
