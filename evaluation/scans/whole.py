"""Whole CTs read from end to end: a technical check of the way from files to findings, not clinical performance.

LUNA16's rule (evaluation.froc): a mark within the radius of a nodule that two or more readers marked finds it; marks on
what one reader marked, or on nodules below the size asked for, are neither hit nor false.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import chest_ct, lidc
from cdss.datasets.chest_ct import ChestCt, Nodule
from cdss.evaluation.froc import Judged, Scan, judge
from cdss.evaluation.scans.plain import blobs_of
from cdss.models.applicability import NotApplicable
from cdss.models.finding import Nodule as Mark
from cdss.models.lung_nodule import LungNodule, UnreadableVolume

LEAST = 0.05  # score below which no mark is looked at
CONSENSUS = 2  # readers
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looked:
    """One CT and what was marked on it: at the card's threshold `told`, all from LEAST on `marks`, and by `blobs`.

    `refused` says why it was not read; then there are no marks, and its nodules are missed. Its voxels are not kept.
    """

    name: str
    spacing: tuple[float, float, float]
    nodules: tuple[Nodule, ...]
    told: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    blobs: tuple[Mark, ...]
    seconds: float  # from the volume to what is told
    processor: float  # the same in seconds of all processors together, which other work beside it does not lengthen
    refused: str = ""


def scans(data: Path | None) -> Iterator[ChestCt]:
    """CTs with a table of nodules, then those without nodules; DataNotFound if there is none of the first."""
    for folder in chest_ct.folders(data):
        yield chest_ct.read(folder)
    for name in lidc.negatives(data):
        volume, spacing = lidc.negative(name, data)
        yield ChestCt(name, volume.astype(np.int16), spacing, ())


def look(model: LungNodule, scan: ChestCt) -> Looked:
    """The scan read as a ward would have it read, then again for its fainter marks, and by the plain detector."""
    begun, worked = time.perf_counter(), time.process_time()
    told: tuple[Mark, ...] = ()
    refused = ""
    try:
        told = model.detect(scan.volume, scan.spacing).findings
    except (UnreadableVolume, NotApplicable) as e:
        refused = str(e)
    took = time.perf_counter() - begun, time.process_time() - worked
    if refused:
        return Looked(scan.name, scan.spacing, scan.nodules, (), (), (), *took, refused)
    marks = model.detect(scan.volume, scan.spacing, LEAST).findings
    plain = blobs_of(scan.volume, scan.spacing)
    return Looked(scan.name, scan.spacing, scan.nodules, told, marks, plain, *took)


def wanted(looked: Looked, least_mm: float) -> list[Nodule]:
    """The nodules of the scan that are to be found."""
    return [each for each in looked.nodules if each.readers >= CONSENSUS and each.diameter_mm >= least_mm]


def judged(looked: Looked, marks: tuple[Mark, ...], least_mm: float) -> Judged:
    """Which nodules from `least_mm` on these marks found, and the scores of the false ones."""
    return judge(scan_of(looked, marks, least_mm))


def unfound(looked: Looked, least_mm: float) -> list[Nodule]:
    """The nodules that nothing told lies in."""
    found = judged(looked, looked.told, least_mm).found
    return [each for each, score in zip(wanted(looked, least_mm), found, strict=True) if not np.isfinite(score)]


def strongest(looked: Looked, nodule: Nodule) -> float:
    """The score of the strongest of all marks in a nodule, 0 if there is none from LEAST on."""
    return max((mark.score for mark in looked.marks if _within(mark, nodule, looked.spacing)), default=0.0)


def unfounded(looked: Looked) -> list[Mark]:
    """What was told and lies in nothing that any reader marked."""
    return [mark for mark in looked.told if not any(_within(mark, each, looked.spacing) for each in looked.nodules)]


def _within(mark: Mark, nodule: Nodule, spacing: tuple[float, float, float]) -> bool:
    away = np.asarray(mark.centre) * spacing - np.asarray(nodule.place)
    return bool(np.linalg.norm(away) <= nodule.diameter_mm / 2)


def scan_of(looked: Looked, marks: tuple[Mark, ...], least_mm: float) -> Scan:
    """As evaluation.froc takes it, in mm."""
    asked = wanted(looked, least_mm)
    others = [each for each in looked.nodules if each not in asked]
    return Scan(
        np.asarray([mark.score for mark in marks]),
        _places([mark.centre for mark in marks]) * looked.spacing,
        _places([each.place for each in asked]),
        np.asarray([each.diameter_mm / 2 for each in asked]),
        _places([each.place for each in others]),
        np.asarray([each.diameter_mm / 2 for each in others]),
    )


def _places(places: list[tuple[float, float, float]]) -> Floats:
    return np.asarray(places, float).reshape(-1, 3)
