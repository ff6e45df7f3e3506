"""What a detector says of films, beside what is on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import fracatlas
from cdss.datasets.fracatlas import Film
from cdss.models.finding import FilmReading

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

    @property
    def fractured(self) -> NDArray[np.bool_]:
        """(films,) which are."""
        return np.asarray([film.fractured for film in self.films])

    @property
    def everyone(self) -> Rows:
        """(films,) all of them."""
        return np.arange(len(self.films))


def seen(film: Film) -> Seen:
    """The film as it is."""
    return Seen(fracatlas.pixels(film), film.boxes.astype(float))


def read(
    detector: Detector, films: Sequence[Film], patients: NDArray[np.int64], show: Callable[[Film], Seen] = seen
) -> Read:
    """All films read, as `show` shows them."""
    wanted, readings = [], []
    for film in films:
        shown = show(film)
        wanted.append(shown.wanted)
        readings.append(detector.detect(shown.pixels, LEAST))
    return Read(
        list(films),
        patients,
        wanted,
        np.asarray([reading.probability for reading in readings]),
        [np.asarray([box.score for box in reading.findings]) for reading in readings],
        [np.asarray([box.box for box in reading.findings], float).reshape(-1, 4) for reading in readings],
    )
