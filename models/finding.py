"""What an imaging model says of one image or one volume, in the coordinates of the array it was given."""

from dataclasses import dataclass
from typing import Literal

from cdss.models.score_map import ScoreMap

Attenuation = Literal["solid", "part-solid", "ground-glass"]


@dataclass(frozen=True, slots=True)
class Box:
    """Something found on a film. `box` is (x0, y0, x1, y1) in pixels of the given film, x along columns."""

    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Nodule:
    """Something found in a volume. `centre` is (slice, row, column) in fractional indices of the given volume.

    `measured`: `diameter_mm` is the mean of both axes in the axial slice that shows most of it; else the net's
    estimate, and the axes are None. Volume and attenuation are None where they cannot be told.
    """

    score: float
    centre: tuple[float, float, float]
    diameter_mm: float
    measured: bool = False
    long_mm: float | None = None
    short_mm: float | None = None
    volume_mm3: float | None = None
    attenuation: Attenuation | None = None


@dataclass(frozen=True, slots=True)
class FilmReading:
    """One film read: `probability` that it shows the finding at all, and where. No boxes is not "normal".

    `map`: what the net saw; None if it was not kept. `unlikeness` to the films of training, 1 on average; None if the
    model does not tell it. `missing`: share of the film's rows that were not decoded, and not read.
    """

    probability: float
    findings: tuple[Box, ...]
    map: ScoreMap | None = None
    unlikeness: float | None = None
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class VolumeReading:
    """One volume read: what was found, highest score first, and what the net saw on each slice it looked at.

    `cut`: whether the lungs go on beyond the first and the last slice; `one_sided`: next to no lung in one half of the
    body. What was not shown was not read.
    """

    findings: tuple[Nodule, ...]
    maps: tuple[ScoreMap, ...] = ()
    cut: tuple[bool, bool] = (False, False)
    one_sided: bool = False
