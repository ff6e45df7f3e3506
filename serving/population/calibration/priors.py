"""What is believed of a site before its people are looked at (`priors.yaml`)."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import yaml

from cdss.models.site_layer import Columns

FILE = Path(__file__).with_name("priors.yaml")


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the file; an unknown or missing key is an error."""


class Expected(Struct, frozen=True):
    """The usual value of a measurement: constant + age + sex + bmi, each times its resident's value."""

    constant: float
    age: float
    sex: float
    bmi: float


class Level(Struct, frozen=True):
    """How the local level of one measurement tells the intercept in advance."""

    feature: str
    unit: str
    expected: Expected
    per_unit: float
    furthest: float
    told_from: float
    source: str
    dated: date

    def excess(self, columns: Columns) -> float:
        """How far the local people lie above what is expected of them, on average; nan if nobody was measured."""
        if self.feature not in columns or np.isnan(columns[self.feature]).all():
            return float("nan")
        usual = self.expected
        expected = usual.constant + usual.age * columns["age"] + usual.sex * columns["sex"] + usual.bmi * columns["bmi"]
        return float(np.nanmean(columns[self.feature] - expected))

    def centre(self, excess: float) -> float:
        """Where the intercept is believed to lie; 0 where the excess is not known or further than any site's."""
        return self.per_unit * excess if abs(excess) <= self.furthest else 0.0


class Prior(Struct, frozen=True):
    """Of one model."""

    spread: float
    source: str
    dated: date
    level: Level | None = None


class Review(Struct, frozen=True):
    """When the numbers were last looked at, and when they are to be again."""

    last: date
    next: date
    state: str


class Priors(Struct, frozen=True):
    """The whole file."""

    review: Review
    other_models: Prior
    models: dict[str, Prior]


@lru_cache(maxsize=1)
def priors() -> Priors:
    """The file, read and checked once."""
    return msgspec.convert(yaml.safe_load(FILE.read_text(encoding="utf-8")), Priors)


def of(model: str) -> Prior:
    """What is believed of a model at a new site."""
    return priors().models.get(model, priors().other_models)
