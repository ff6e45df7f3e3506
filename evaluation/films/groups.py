"""Films by what is on them and how they were taken."""

from collections.abc import Iterator

import numpy as np

from cdss.datasets import fracatlas
from cdss.datasets.fracatlas import Film
from cdss.evaluation.films.numbers import points, ranking
from cdss.evaluation.films.read import Read
from cdss.evaluation.report import Subgroup
from cdss.models.card import Card

SMALL = 0.08  # of the film's longest side: square root of a box's area that parts small from large fractures
FILLED = 128  # grey that a JPEG decoder leaves where the file ends too early
LEAST_FILLED = 0.03  # of the film's rows
Groups = Iterator[tuple[str, str, list[bool]]]


def subgroups(read: Read, card: Card) -> list[Subgroup]:
    """By region, view, hardware, size of the fractures; published size and truncated files where films differ in it."""
    told = []
    for group, value, members in (*_by_film(read.films), *_by_fracture(read.films), *_by_file(read.films)):
        rows = np.flatnonzero(members)
        if len(rows):
            found = ranking(read, rows) | points(read, card, rows, ("screening",))
            told.append(Subgroup(group, value, len(rows), int(read.fractured[rows].sum()), found))
    return told


def _by_film(films: list[Film]) -> Groups:
    for region in fracatlas.REGIONS:
        yield "region", region, [region in film.regions for film in films]
    for view in fracatlas.VIEWS:
        yield "view", view, [view in film.views for film in films]
    for value in ("no", "yes"):
        yield "hardware", value, [film.hardware == (value == "yes") for film in films]


def _by_fracture(films: list[Film]) -> Groups:
    yield "fractures", "small", [film.fractured and _size(film) < SMALL for film in films]
    yield "fractures", "large", [film.fractured and _size(film) >= SMALL for film in films]


def _by_file(films: list[Film]) -> Groups:
    sides = sorted({film.side for film in films})
    for side in sides if len(sides) > 1 else ():
        yield "side_px", str(side), [film.side == side for film in films]
    cut = [truncated(film) for film in films]
    if any(cut):
        yield "truncated", "yes", cut
        yield "truncated", "no", [not each for each in cut]


def truncated(film: Film) -> bool:
    """Whether the lowest rows of the film are missing: one grey that the decoder filled in."""
    filled = (fracatlas.pixels(film) == FILLED).all(axis=1)[::-1]
    return int(np.append(filled, False).argmin()) >= LEAST_FILLED * len(filled)


def _size(film: Film) -> float:
    """Square root of the largest box's area, as a share of the film's longest side."""
    sides = film.boxes[:, 2:] - film.boxes[:, :2]
    return float(np.sqrt(sides.prod(1).max()) / max(fracatlas.pixels(film).shape))
