"""What a detector says of films, beside what is on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import fracatlas
from cdss.datasets.fracatlas import Film
from cdss.models.applicability import NotApplicable
from cdss.models.finding import Box, FilmReading
from cdss.models.fracture import UnreadableFilm

LEAST = 0.01  # box score below which a box adds nothing to the average precision
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


class Detector(Protocol):
    """Reads a film (row, column), bone bright; boxes from `threshold` on."""

    def detect(self, film: NDArray[Any], threshold: float | None = None) -> FilmReading: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A film as it is shown to the detector: pixels (row, column), and the boxes (n, 4) on it that are to be found."""

    pixels: NDArray[Any]
    wanted: Floats


@dataclass(frozen=True, slots=True)
class Read:
    """The films of a split and what the detector said of each."""

    films: list[Film]
    patients: NDArray[np.int64]  # (films,) whose
    wanted: list[Floats]  # (n, 4) a film
    probability: Floats  # (films,)
    scores: list[Floats]  # of its boxes, one array a film
    boxes: list[Floats]  # (n, 4)
    refused: list[str]  # why a film was not read, empty where it was; then it has probability 0 and no boxes

    @property
    def fractured(self) -> NDArray[np.bool_]:
        """(films,) which are."""
        return np.asarray([film.fractured for film in self.films])

    @property
    def everyone(self) -> Rows:
        """(films,) all of them."""
        return np.arange(len(self.films))

    @property
    def answered(self) -> "Read":
        """Only what was read."""
        rows = [i for i, why in enumerate(self.refused) if not why]
        return Read(
            [self.films[i] for i in rows],
            self.patients[rows],
            [self.wanted[i] for i in rows],
            self.probability[rows],
            [self.scores[i] for i in rows],
            [self.boxes[i] for i in rows],
            [""] * len(rows),
        )


def seen(film: Film) -> Seen:
    """The film as it is."""
    return Seen(fracatlas.pixels(film), film.boxes.astype(float))


def read(
    detector: Detector, films: Sequence[Film], patients: NDArray[np.int64], show: Callable[[Film], Seen] = seen
) -> Read:
    """All films read, as `show` shows them."""
    shown = (show(film) for film in films)
    told = [(each.wanted, *_answer(detector, each.pixels)) for each in shown]
    return Read(
        list(films),
        patients,
        [wanted for wanted, *_ in told],
        np.asarray([probability for _, probability, *_ in told]),
        [np.asarray([box.score for box in boxes]) for *_, boxes, _ in told],
        [np.asarray([box.box for box in boxes], float).reshape(-1, 4) for *_, boxes, _ in told],
        [refused for *_, refused in told],
    )


def _answer(detector: Detector, pixels: NDArray[Any]) -> tuple[float, tuple[Box, ...], str]:
    """Probability, boxes, and why it was not read."""
    try:
        reading = detector.detect(pixels, LEAST)
    except (UnreadableFilm, NotApplicable) as e:
        return 0.0, (), str(e)
    return reading.probability, reading.findings, ""
