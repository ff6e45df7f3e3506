"""`cdss evaluate lung_nodule`: the shipped detector on crops of nodules, on lungs without any, and on whole CTs.

`patches`: every nodule of the folder. `cv`: the nodules of the fold that the shipped model was not trained on; it is
one model, trained on folds 0 to 3, so the other folds cannot be judged with it. `whole`: CTs with a table of nodules,
and those without nodules, from end to end.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cdss.datasets import lidc
from cdss.datasets.lidc import Crop
from cdss.datasets.lidc_neighbours import with_neighbours
from cdss.datasets.lidc_ratings import ratings
from cdss.datasets.source import digest, folder_of
from cdss.evaluation import bootstrap, measurement
from cdss.evaluation.blobs import blobs
from cdss.evaluation.froc import line, steps
from cdss.evaluation.patches import Look, Net, level, look, look_at, off_middle, seen, sensitivity, whole
from cdss.evaluation.report import Metric, Plot, Points, Report, Robustness, Subgroup
from cdss.evaluation.robustness import Say, Statistic, evenly, table
from cdss.evaluation.scans import numbers, worst
from cdss.evaluation.scans import whole as whole_cts
from cdss.evaluation.scans.strains import STRAINS
from cdss.models import lung_nodule
from cdss.models.lung_nodule import LungNodule, lung
from cdss.models.lung_nodule.slabs import slabs
from cdss.models.lung_nodule.stack import CELL_MM

CROPS = ("patches", "cv")
SPLITS = (*CROPS, "whole")
STRAINED_SPLITS = CROPS
DEFAULT_SPLIT = "cv"
HELD_FOLD = 4
TRAINED_NEGATIVE = "LIDC-IDRI-0745"  # its lungs were background in training
REPEATS = 500
STRAINED = 150  # crops that are strained
TILE = 32  # cells (45 mm): a window of lung
LEAST_LUNG = 0.25  # share of a tile that must be lung
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


def evaluate(data: Path | None, split: str, folder: Path | None = None) -> Report:
    """The detector in `folder` (default: the one shipped) on the nodules of `split`. Raises DataNotFound."""
    model = lung_nodule.load(folder)
    return _whole(model, data) if split == "whole" else _crops(model, data, split)


def robustness(data: Path | None, split: str, say: Say, folder: Path | None = None) -> Robustness:
    """`patch_sensitivity` of some of the nodules under each strain, and what the default threshold marks.

    `say` is told how far it is. Raises DataNotFound.
    """
    model = lung_nodule.load(folder)
    crops = _of_split(data, split)
    some = [crops[i] for i in evenly(np.arange(len(crops)), STRAINED)]
    threshold = model.card.threshold("default")

    def see(strain: str) -> list[Look]:
        say(f"{list(STRAINS).index(strain) + 1}/{len(STRAINS)} {strain}: {len(some)} crops")
        return [
            look_at(_net(model), STRAINS[strain](seen(crop), np.random.default_rng(number)))
            for number, crop in enumerate(some)
        ]

    rows = table(
        STRAINS,
        see,
        lambda looks: _strained(looks, threshold),
        lambda looks: np.asarray([each.nodule >= threshold for each in looks]),
        np.asarray([crop.patient for crop in some]),
        lambda _: 0,
    )
    return Robustness(len(some), len(some), threshold, rows)


def pictures(report: Report, data: Path | None) -> list[str]:
    """A picture of each of the report's worst crops or slices, as a data URI."""
    drawn = worst.pictures_of_scans if report.split == "whole" else worst.pictures_of_crops
    return drawn(report.worst, data)


def _whole(model: LungNodule, data: Path | None) -> Report:
    looked = [whole_cts.look(model, scan) for scan in whole_cts.scans(data)]
    return Report(
        model=model.card.name,
        version=model.card.version,
        digest=model.card.digest,
        dataset="chest_ct",
        split="whole",
        n=len(looked),
        events=sum(len(whole_cts.wanted(scan, worst.LEAST_MM)) for scan in looked),
        metrics=numbers.metrics(looked),
        baselines={"bright_blobs": numbers.beside([(scan, scan.blobs) for scan in looked])},
        subgroups=[],
        notes=list(numbers.notes(looked, TRAINED_NEGATIVE)),
        plots=numbers.plot(looked),
        worst=worst.of_scans(looked),
        exact=True,
    )


def _crops(model: LungNodule, data: Path | None, split: str) -> Report:
    crops, net = _of_split(data, split), _net(model)
    looks = [look(net, crop) for crop in crops]
    plain = [look(blobs, crop) for crop in crops]
    lungs = np.asarray(unseen_lungs(net, data))
    trained_on = {each.digest for each in model.card.data}
    threshold = model.card.threshold("default")
    nodules = measurement.sized(model, crops, ratings(data))
    return Report(
        model=model.card.name,
        version=model.card.version,
        digest=model.card.digest,
        dataset=lidc.CROPS.name,
        split=split,
        n=len(crops) + sum(len(each.background) for each in looks),
        events=len(crops),
        metrics=_metrics(looks, crops, lungs) | measurement.metrics(nodules),
        baselines={
            "bright_blobs": _metrics(plain, crops, np.empty(0)),
            "diameter_of_the_net": measurement.of_the_net(nodules),
        },
        subgroups=_subgroups(looks, crops),
        notes=[
            *_notes(split, digest(lidc.CROPS, folder_of(lidc.CROPS, data)) in trained_on, looks, lungs),
            *_checks(net, looks, crops, lungs, threshold),
            *_whole_cts(model, data),
            *measurement.notes(nodules),
        ],
        plots=_plots(looks, plain, lungs),
        worst=worst.of_crops(crops, looks, threshold),
    )


def _net(model: LungNodule) -> Net:
    return model.judged


def _of_split(data: Path | None, split: str) -> list[Crop]:
    return with_neighbours(lidc.crops(data, (HELD_FOLD,) if split == "cv" else None))


def _plots(looks: list[Look], plain: list[Look], lungs: Floats) -> list[Plot]:
    """Share of the nodules found by share of windows marked falsely."""
    nodules = np.asarray([each.nodule for each in looks])
    lines = {"periphery": _windows(nodules, [score for each in looks for score in each.background])}
    if len(lungs):
        lines["negative_ct"] = _windows(nodules, lungs)
    blobs = np.asarray([each.nodule for each in plain])
    lines["bright_blobs"] = _windows(blobs, [score for each in plain for score in each.background])
    return [Plot("windows", lines)]


def _windows(nodules: Floats, background: ArrayLike) -> Points:
    windows = np.asarray(background, float)
    return line(*steps(nodules, windows, len(windows)))


def _strained(looks: list[Look], threshold: float) -> dict[str, Statistic]:
    """The fixed key, its level set again in every draw; then what the card's threshold marks."""
    nodules = np.asarray([each.nodule for each in looks])
    background = [np.asarray(each.background) for each in looks]

    def windows(rows: Rows) -> Floats:
        return np.concatenate([background[i] for i in rows])

    return {
        "patch_sensitivity": lambda rows: sensitivity(nodules[rows], windows(rows)),
        "nodules_marked": lambda rows: float((nodules[rows] >= threshold).mean()),
        "windows_marked": lambda rows: float((windows(rows) >= threshold).mean()),
    }


def unseen_lungs(net: Net, data: Path | None) -> list[float]:
    """The scores of all windows of lung of the CTs without nodules that were not trained on."""
    return [score for name in _unseen(data) for score in lung_windows(net, name, data)]


def lung_windows(net: Net, name: str, data: Path | None) -> Iterator[float]:
    """The highest score in each tile of lung of a CT without nodules."""
    volume, spacing = lidc.negative(name, data)
    known = volume.astype(np.int16)
    found = lung.find(known, spacing)
    for slab in slabs(known, spacing, found):
        scores = net(slab.stack)
        rows, columns = np.mgrid[: scores.shape[0], : scores.shape[1]]
        across = (np.stack([rows.ravel(), columns.ravel()], 1) + 0.5) * CELL_MM / spacing[1:] + slab.corner - 0.5
        inside = found.inside(np.column_stack([np.full(len(across), slab.slice), across])).reshape(scores.shape)
        yield from _tiles(np.where(inside, scores, -1.0), inside)


def _whole_cts(model: LungNodule, data: Path | None) -> Iterator[str]:
    """What is marked on whole CTs without nodules at the card's threshold: every mark is false."""
    for name in lidc.negatives(data):
        volume, spacing = lidc.negative(name, data)
        marks = len(model.detect(volume, spacing).findings)
        seen = "its lungs were background in training" if name == TRAINED_NEGATIVE else "not trained on"
        yield f"{name}, a CT without nodules ({seen}): {marks} false findings; the threshold was chosen with it in view"


def _checks(net: Net, looks: list[Look], crops: list[Crop], lungs: Floats, threshold: float) -> Iterator[str]:
    """What the default threshold marks; what could flatter: nodules in the middle, empty slices."""
    nodules = np.asarray([each.nodule for each in looks])
    background = np.concatenate([each.background for each in looks])
    moved = np.asarray([off_middle(net, crop) for crop in crops])
    yield (
        f"at the default threshold {(nodules >= threshold).sum()} of {len(nodules)} nodules and "
        f"{(background >= threshold).sum()} of {len(background)} background windows are marked"
    )
    yield (
        f"{(moved > level(background)).sum()} of {len(moved)} nodules are above the same level of the periphery when a "
        "third of the crop is cut off above and left, so that they are not in the middle"
    )
    if len(lungs):
        full = np.asarray([whole(crop) for crop in crops])
        yield (
            f"{(nodules[full] > level(lungs)).sum()} of {full.sum()} nodules are above the level of the lung windows "
            "where the crop has all slices of a stack, as the lung windows do"
        )


def _tiles(scores: NDArray[np.float32], inside: NDArray[np.bool_]) -> Iterator[float]:
    for row in range(0, scores.shape[0] - TILE + 1, TILE):
        for column in range(0, scores.shape[1] - TILE + 1, TILE):
            tile = slice(row, row + TILE), slice(column, column + TILE)
            if inside[tile].mean() >= LEAST_LUNG:
                yield float(scores[tile].max())


def _unseen(data: Path | None) -> list[str]:
    return [name for name in lidc.negatives(data) if name != TRAINED_NEGATIVE]


def _metrics(looks: list[Look], crops: list[Crop], lungs: Floats) -> dict[str, Metric]:
    """The fixed keys; the level is set again in every draw of patients."""
    nodules = np.asarray([each.nodule for each in looks])
    background = [np.asarray(each.background) for each in looks]
    patients = np.asarray([crop.patient for crop in crops])
    told = {
        "patch_sensitivity": bootstrap.metric(
            lambda rows: sensitivity(nodules[rows], np.concatenate([background[i] for i in rows])), patients, REPEATS
        )
    }
    if len(lungs):
        told["patch_sensitivity_negative_ct"] = bootstrap.metric(
            lambda rows: sensitivity(nodules[rows], lungs), patients, REPEATS
        )
    return told


def _subgroups(looks: list[Look], crops: list[Crop]) -> list[Subgroup]:
    """Nodules by size, readers, slice distance and calibration; the level is that of all background windows."""
    nodules = np.asarray([each.nodule for each in looks])
    patients = np.asarray([crop.patient for crop in crops])
    least = level(np.concatenate([each.background for each in looks]))
    told = []
    for group, value, belongs in GROUPS:
        rows = np.flatnonzero([belongs(crop) for crop in crops])
        if len(rows):
            share = bootstrap.metric(_share(nodules[rows] > least), patients[rows], REPEATS)
            told.append(Subgroup(group, value, len(rows), len(rows), {"patch_sensitivity": share}))
    return told


def _share(hits: NDArray[np.bool_]) -> Callable[[Rows], float]:
    return lambda rows: float(hits[rows].mean())


GROUPS: tuple[tuple[str, str, Callable[[Crop], bool]], ...] = (
    ("diameter_mm", "< 6", lambda crop: crop.diameter_mm < 6),
    ("diameter_mm", "6-10", lambda crop: 6 <= crop.diameter_mm < 10),
    ("diameter_mm", ">= 10", lambda crop: crop.diameter_mm >= 10),
    ("readers", "2", lambda crop: crop.readers == 2),
    ("readers", "3", lambda crop: crop.readers == 3),
    ("readers", "4", lambda crop: crop.readers == 4),
    ("slice_mm", "<= 1.25", lambda crop: crop.thick_mm <= 1.25),
    ("slice_mm", "1.25-2.5", lambda crop: 1.25 < crop.thick_mm <= 2.5),
    ("slice_mm", "> 2.5", lambda crop: crop.thick_mm > 2.5),
    ("hu", "calibrated", lambda crop: None not in crop.slope),
    ("hu", "guessed", lambda crop: None in crop.slope),
)


def _notes(split: str, seen: bool, looks: list[Look], lungs: Floats) -> list[str]:
    notes = [
        f"{sum(len(each.background) for each in looks)} background windows (quarters of the crops, one slice each, "
        "nodule and 8 mm around it left out); they may hold nodules that were not marked",
        "one look at each nodule: the slice that shows most of it",
    ]
    if len(lungs):
        notes.append(f"{len(lungs)} windows of lung from CTs without nodules that were not trained on")
    if split == "cv":
        notes.append(
            f"one shipped model, trained on folds 0 to 3: only fold {HELD_FOLD} can be judged, no cross-validation"
        )
    elif seen:
        notes.append(f"this is the folder the model was trained on: only fold {HELD_FOLD} was held out; use --split cv")
    return notes
