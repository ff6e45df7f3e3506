"""The shipped fracture detector: a film in, a FilmReading out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models import artifact, provider
from cdss.models.card import Card
from cdss.models.finding import Box, FilmReading
from cdss.models.fracture import scope
from cdss.models.fracture.boxes import averaged, decode, suppress
from cdss.models.fracture.film import checked, normalise, scaled
from cdss.models.score_map import score_map

Floats = NDArray[np.float32]

CANDIDATES = 300  # cells looked at, best first
MOST = 20  # boxes on one film
OVERLAP = 0.3  # IoU above which two boxes are one
ALIKE = 0.5  # IoU from which boxes are averaged


@dataclass(frozen=True, slots=True)
class Fracture:
    """The detector and its card."""

    card: Card
    session: provider.Session

    def detect(self, film: NDArray[Any], threshold: float | None = None) -> FilmReading:
        """Read one film (row, column), bone bright (the caller inverts MONOCHROME1), any range of values.

        `threshold` (box score, default the card's `box`) decides which boxes are told. Raises UnreadableFilm, or
        OutOfScopeFilm if the picture is unlike the films of training.
        """
        reading = self.read(film, threshold)
        scope.check(reading.unlikeness, self.card)
        return reading

    def read(self, film: NDArray[Any], threshold: float | None = None) -> FilmReading:
        """As `detect`, but a picture unlike the films of training is read all the same: for measuring, not for care."""
        least = self.card.threshold("box") if threshold is None else threshold
        image = scaled(normalise(checked(film)))
        probability, scores, distances, *more = self.session.run(None, {"film": image.pixels[None, None]})
        boxes, kept = found(scores[0, 0], distances[0], least)
        on_film = image.to_film(boxes)
        findings = [
            Box(float(score), (float(x0), float(y0), float(x1), float(y1)))
            for score, (x0, y0, x1, y1) in zip(kept, on_film, strict=True)
        ]
        rows, columns = image.shape
        seen = score_map(scores[0, 0], (0, 0, columns, rows))
        unlikeness = float(more[0][0]) if more else None  # files of before 0.3.0 do not tell it
        missing = 1 - rows / len(film)
        return FilmReading(float(probability[0]), tuple(findings), seen, unlikeness, missing)


def found(scores: Floats, distances: Floats, least: float) -> tuple[Floats, Floats]:
    """Boxes (n, 4) in net pixels and their scores (n,), best first.

    `scores` (row, column), `distances` (4, row, column) as the net gives them; cells below `least` are left out.
    """
    flat = scores.reshape(-1)
    best = np.argsort(-flat, kind="stable")[:CANDIDATES]
    best = best[flat[best] >= least]
    boxes = decode(distances)[best]
    kept = suppress(boxes, flat[best], OVERLAP, MOST)
    return averaged(boxes, flat[best], kept, ALIKE), flat[best][kept]


def load(folder: Path | None = None, threads: int | None = None, runs_on: provider.Provider = "cpu") -> Fracture:
    """The detector in `folder` (default: the one shipped). Raises CardError, DigestMismatch or ProviderUnavailable."""
    shipped = artifact.load(folder or Path(__file__).parent)
    return Fracture(shipped.card, provider.session(shipped.path, threads, runs_on))
