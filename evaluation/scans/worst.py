"""The worst mistakes on CTs: nodules below the card's threshold and what is above it without being one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import lidc
from cdss.datasets.lidc import Crop
from cdss.evaluation.patches import Look, outline, seen
from cdss.evaluation.pictures import picture
from cdss.evaluation.report import Mistake, Outline
from cdss.evaluation.scans.whole import Looked, scans, strongest, unfound, unfounded
from cdss.models.lung_nodule.stack import windowed

MOST = 20  # of each kind
AROUND_PX = 5.0  # half a side of the box drawn around a cell
LEAST_MM = 3.0  # of a nodule that counts
MARGIN_PX = 64  # of a whole CT's slice shown around a mistake
Box = tuple[float, float, float, float]


def of_crops(crops: Sequence[Crop], looks: Sequence[Look], threshold: float) -> list[Mistake]:
    """Nodules below the threshold, weakest first, and windows of the periphery above it, strongest first."""
    missed = [_missed(crop, each) for crop, each in zip(crops, looks, strict=True) if each.nodule < threshold]
    false = [
        Mistake(
            "false_alarm",
            crop.name,
            score,
            [Outline(_around(*at), score)],
            [Outline(outline(seen(crop))[1])],
            each.slice,
        )
        for crop, each in zip(crops, looks, strict=True)
        for score, at in zip(each.background, each.at, strict=True)
        if score >= threshold
    ]
    return _first(missed, false)


def of_scans(looked: Sequence[Looked]) -> list[Mistake]:
    """Nodules that nothing told lies in, and what is told and lies in nothing."""
    missed, false = [], []
    for scan in looked:
        for nodule in unfound(scan, LEAST_MM):
            place = np.asarray(nodule.place) / scan.spacing
            box = _disc(place, nodule.diameter_mm, scan.spacing)
            missed.append(
                Mistake("missed", scan.name, strongest(scan, nodule), [], [Outline(box)], round(float(place[0])))
            )
        for mark in unfounded(scan):
            box = _disc(np.asarray(mark.centre), mark.diameter_mm, scan.spacing)
            told = [Outline(box, mark.score)]
            false.append(Mistake("false_alarm", scan.name, mark.score, told, [], round(mark.centre[0])))
    return _first(missed, false)


def pictures_of_crops(mistakes: Sequence[Mistake], data: Path | None) -> list[str]:
    """The slice of each, in the lung window, as a data URI."""
    crops = {crop.name: crop for crop in lidc.crops(data)}
    return [picture(_grey(lidc.hounsfield(crops[each.image])[each.slice or 0]), each) for each in mistakes]


def pictures_of_scans(mistakes: Sequence[Mistake], data: Path | None) -> list[str]:
    """The surroundings of each in its slice, in the lung window, as a data URI."""
    drawn: dict[int, str] = {}
    for scan in scans(data):
        for place, each in enumerate(mistakes):
            if each.image == scan.name:
                drawn[place] = _part(scan.volume[each.slice or 0], each)
    return [drawn[place] for place in range(len(mistakes))]


def _part(plane: NDArray[np.int16], mistake: Mistake) -> str:
    x0, y0, x1, y1 = (mistake.found or mistake.wanted)[0].box
    left, top = (max(0, round((low + high) / 2) - MARGIN_PX) for low, high in ((x0, x1), (y0, y1)))
    cut = plane[top : top + 2 * MARGIN_PX, left : left + 2 * MARGIN_PX]
    found, wanted = ([_moved(each, left, top) for each in some] for some in (mistake.found, mistake.wanted))
    return picture(_grey(cut), Mistake(mistake.kind, mistake.image, mistake.score, found, wanted))


def _moved(each: Outline, left: int, top: int) -> Outline:
    x0, y0, x1, y1 = each.box
    return Outline((x0 - left, y0 - top, x1 - left, y1 - top), each.score)


def _missed(crop: Crop, look: Look) -> Mistake:
    """With the strongest place near it, which was not told."""
    number, box = outline(seen(crop))
    told = [Outline(_around(*look.nodule_at), look.nodule)]
    return Mistake("missed", crop.name, look.nodule, told, [Outline(box)], number)


def _first(missed: list[Mistake], false: list[Mistake]) -> list[Mistake]:
    return [
        *sorted(missed, key=lambda each: each.score)[:MOST],
        *sorted(false, key=lambda each: -each.score)[:MOST],
    ]


def _around(row: float, column: float) -> Box:
    return (
        round(column - AROUND_PX, 1),
        round(row - AROUND_PX, 1),
        round(column + AROUND_PX, 1),
        round(row + AROUND_PX, 1),
    )


def _disc(place: NDArray[np.float64], diameter_mm: float, spacing: tuple[float, float, float]) -> Box:
    """The box around a disc about a place (slice, row, column), in px of its slice."""
    rows, columns = (diameter_mm / 2 / each for each in spacing[1:])
    _, row, column = map(float, place)
    return round(column - columns, 1), round(row - rows, 1), round(column + columns, 1), round(row + rows, 1)


def _grey(plane: NDArray[Any]) -> NDArray[np.uint8]:
    return (windowed(plane) * 255).astype(np.uint8)
