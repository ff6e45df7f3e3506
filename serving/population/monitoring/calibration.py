"""Whether probabilities still fit what happens: observed over expected, by version and by quarter. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from cdss.serving.population.calibration.measures import Interval, observed_expected, slope
from cdss.serving.population.monitoring.drift import Level
from cdss.serving.population.monitoring.limits import limits


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """Of the predictions of one version, in one quarter or in all. None is what too few events cannot say."""

    period: str  # 2026-Q3, or empty: all of them
    n: int
    events: int
    expected: float
    level: Level
    o_e: Interval | None = None
    slope: Interval | None = None


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Of one full version: all its predictions with an outcome, and by quarter of the prediction, oldest first."""

    version: str
    all: Fit
    quarters: tuple[Fit, ...]


def calibrations(rows: Sequence[Any]) -> tuple[Calibration, ...]:
    """From rows with `version`, `predicted_on`, `event`, `probability`; versions in order of their first prediction."""
    return tuple(_of_version(version, [row for row in rows if row.version == version]) for version in _kinds(rows))


def fit(rows: Sequence[Any], period: str = "") -> Fit:
    """O/E with its interval and level, and the slope. Too few: neither 10 events happened nor were 10 expected."""
    event = np.array([row.event for row in rows], np.float64)
    risk = np.array([row.probability for row in rows], np.float64)
    told = Fit(period=period, n=len(rows), events=int(event.sum()), expected=float(risk.sum()), level="too-few")
    if max(event.sum(), risk.sum()) < limits().observed_expected.fewest_events:
        return told
    found = observed_expected(event.sum(), risk.sum())
    enough = min(event.sum(), len(rows) - event.sum()) >= limits().observed_expected.fewest_events
    tilt = slope(event, risk) if enough else None
    return msgspec.structs.replace(told, level=_level(found), o_e=found, slope=tilt)


def quarter(day: str) -> str:
    """2026-Q3 of 2026-09-17."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def _of_version(version: str, rows: Sequence[Any]) -> Calibration:
    periods = sorted({quarter(row.predicted_on) for row in rows})
    by_quarter = (fit([row for row in rows if quarter(row.predicted_on) == period], period) for period in periods)
    return Calibration(version=version, all=fit(rows), quarters=tuple(by_quarter))


def _kinds(rows: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(row.version for row in rows))


def _level(found: Interval | None) -> Level:
    """Major: the whole interval lies outside the limits; moderate: it does not hold 1."""
    if found is None:
        return "too-few"
    allowed = limits().observed_expected
    if found.low > allowed.high or found.high < allowed.low:
        return "major"
    return "stable" if found.low <= 1 <= found.high else "moderate"
