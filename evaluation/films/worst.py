"""The films that were read worst: fractures not flagged, and normal films flagged."""

from pathlib import Path

import numpy as np

from cdss.datasets import fracatlas
from cdss.evaluation.films.read import Read
from cdss.evaluation.pictures import picture
from cdss.evaluation.report import Mistake, Outline
from cdss.models.card import Card

MOST = 20  # of each kind


def worst(read: Read, card: Card) -> list[Mistake]:
    """At the card's `screening`: the lowest probabilities of fractured films, the highest of normal ones."""
    flagged = read.probability >= card.threshold("screening")
    missed = np.flatnonzero(read.fractured & ~flagged)
    false = np.flatnonzero(~read.fractured & flagged)
    least = card.threshold("box")
    return [
        *(_mistake("missed", read, i, least) for i in missed[np.argsort(read.probability[missed])][:MOST]),
        *(_mistake("false_alarm", read, i, least) for i in false[np.argsort(-read.probability[false])][:MOST]),
    ]


def pictures(mistakes: list[Mistake], split: str, data: Path | None) -> list[str]:
    """A small picture of each, as a data URI."""
    films = {film.image_id: film for film in fracatlas.films(split, data)}
    return [picture(fracatlas.pixels(films[each.image]), each) for each in mistakes]


def _mistake(kind: str, read: Read, row: np.intp, least: float) -> Mistake:
    """With the boxes that are told, or, where there is none, the strongest one."""
    told = [i for i, score in enumerate(read.scores[row]) if score >= least or i == 0]
    return Mistake(
        kind,
        read.films[row].image_id,
        float(read.probability[row]),
        [Outline(_box(read.boxes[row][i]), float(read.scores[row][i])) for i in told],
        [Outline(_box(box)) for box in read.wanted[row]],
    )


def _box(box: np.ndarray) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (round(float(edge), 1) for edge in box)
    return x0, y0, x1, y1
