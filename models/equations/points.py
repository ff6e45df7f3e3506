"""Scores added up from a table of points (`points.yaml`): NCDRS, and a part of ADA's risk test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from cdss.models.card import Text
from cdss.models.equations.resident import Numbers, columns, known, within

Rows = list[tuple[float, float]]  # lower bound (inclusive), points


@dataclass(frozen=True, slots=True)
class Score:
    """A published table of points. A total of `high` or more is high risk."""

    name: str
    title: Text
    citation: str
    ages: tuple[int, int]
    high: int
    points: Mapping[str, Any]  # feature -> rows, or {"male": rows, "female": rows}

    def total(self, resident: Mapping[str, float | None]) -> int:
        """Points of one resident. Raises ImplausibleValue, or NotApplicable (missing, outside-domain)."""
        values = known(resident, tuple({"sex": None, **self.points}))
        within("age", values["age"], *self.ages)
        return int(self.total_table(columns(values))[0])

    def total_table(self, values: Mapping[str, Numbers], without: Sequence[str] = ()) -> Numbers:
        """Points for columns (n,), nan where a needed value is nan; ages are not checked.

        `without`: parts to leave out, for data that do not have them (the total is then no longer the published one).
        """
        female = values["sex"] == 1
        parts = [self._part(feature, values[feature], female) for feature in self.points if feature not in without]
        total: Numbers = np.sum(parts, axis=0)
        return np.where(np.isnan(values["sex"]), np.nan, total)

    def _part(self, feature: str, value: Numbers, female: NDArray[np.bool_]) -> Numbers:
        rows = self.points[feature]
        if isinstance(rows, list):
            return _look_up(rows, value)
        return np.where(female, _look_up(rows["female"], value), _look_up(rows["male"], value))


def _look_up(rows: Rows, value: Numbers) -> Numbers:
    bounds, points = np.array(rows, dtype=float).T
    place = np.searchsorted(bounds, value, side="right") - 1
    return np.where(np.isnan(value), np.nan, points[np.clip(place, 0, len(points) - 1)])


@cache
def score(name: str) -> Score:
    """`ncdrs` or `ada_part`; KeyError for another."""
    table = yaml.safe_load((Path(__file__).parent / "points.yaml").read_text(encoding="utf-8"))[name]
    return Score(name, Text(**table["title"]), table["citation"], tuple(table["ages"]), table["high"], table["points"])
