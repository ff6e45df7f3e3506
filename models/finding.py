"""What an imaging model says of one image or one volume, in the coordinates of the array it was given."""

from dataclasses import dataclass

from cdss.models.score_map import ScoreMap


@dataclass(frozen=True, slots=True)
class Box:
    """Something found on a film. `box` is (x0, y0, x1, y1) in pixels of the given film, x along columns."""

    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Nodule:
    """Something found in a volume. `centre` is (slice, row, column) in fractional indices of the given volume."""

    score: float
    centre: tuple[float, float, float]
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class FilmReading:
    """One film read: `probability` that it shows the finding at all, and where. No boxes is not "normal".

    `map`: what the net saw; None if it was not kept.
    """

    probability: float
    findings: tuple[Box, ...]
    map: ScoreMap | None = None


@dataclass(frozen=True, slots=True)
class VolumeReading:
    """One volume read: what was found, highest score first, and what the net saw on each slice it looked at."""

    findings: tuple[Nodule, ...]
    maps: tuple[ScoreMap, ...] = ()
