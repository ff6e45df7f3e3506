"""The limits of `limits.yaml`, read and checked once."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

FILE = Path(__file__).with_name("limits.yaml")


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the file; an unknown or missing key is an error."""


class Review(Struct, frozen=True):
    """When the limits were last looked at, and when they are to be again."""

    last: date
    next: date
    state: str


class Steps(Struct, frozen=True):
    """From where on a difference is moderate, and above what it is major."""

    moderate: float
    major: float
    source: str
    dated: date


class Calibration(Struct, frozen=True):
    """The range in which O/E may lie, and how many events are needed to say so."""

    low: float
    high: float
    fewest_events: int
    source: str
    dated: date


class Horizon(Struct, frozen=True):
    """Of which event a model speaks, and how long after a prediction its outcome may be told.

    Who has the event counts until `most_days`; who has it not, from `least_days` on.
    """

    event: str
    least_days: int
    most_days: int


class Limits(Struct, frozen=True):
    """The whole file."""

    review: Review
    psi: Steps
    missing: Steps
    fewest_people: int
    baseline_people: int
    observed_expected: Calibration
    horizons: dict[str, Horizon]


@lru_cache(maxsize=1)
def limits() -> Limits:
    """The file."""
    return msgspec.convert(yaml.safe_load(FILE.read_text(encoding="utf-8")), Limits)
