"""A model moved to a site by its own outcomes: logit' = intercept + slope * logit (+ what a group adds). Numpy only.

The terms are scaled with the logit, so that the reasons still sum exactly to the new score. Without groups the layer is
monotone: who ranks before whom is as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cdss.models.additive import RiskTable

Numbers = NDArray[np.float64]
Columns = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class Groups:
    """What is added to the logit by the value of one feature; a missing value adds nothing.

    `edges` (k,) ascending cut the feature into k + 1 groups, each from its edge on; `shifts` (k + 1,).
    """

    feature: str = ""
    edges: tuple[float, ...] = ()
    shifts: tuple[float, ...] = (0.0,)

    def place(self, columns: Columns) -> NDArray[np.intp]:
        """(n,) which group each resident is in; -1 where the feature is not known."""
        value = np.asarray(columns[self.feature], np.float64)
        return np.where(np.isnan(value), -1, np.searchsorted(np.array(self.edges), value, side="right"))

    def added(self, columns: Columns, count: int) -> Numbers:
        """(n,) what is added to each resident's logit."""
        if not self.feature or self.feature not in columns:
            return np.zeros(count)
        return np.array((*self.shifts, 0.0))[self.place(columns)]


@dataclass(frozen=True, slots=True)
class SiteLayer:
    """`intercepts`: what is added to the logit, by tier of the model; `slope`: what the logit is multiplied with."""

    intercepts: Mapping[str, float]
    slope: float = 1.0
    groups: Groups = field(default_factory=Groups)

    def applied(self, table: RiskTable, columns: Columns) -> RiskTable:
        """The answers after the layer; who had none still has none. `columns`: what the model was asked with."""
        there = table.tier >= 0
        by_tier = np.array([*(self.intercepts[name] for name in table.tiers), np.nan])[table.tier]
        shift = by_tier + self.groups.added(columns, len(there))
        moved = shift + self.slope * logit_of(table)
        return replace(
            table,
            probability=np.where(there, sigmoid(moved), np.nan).astype(np.float32),
            contributions=(self.slope * table.contributions).astype(np.float32),
            intercept=(shift + self.slope * table.intercept).astype(np.float32),
        )

    def threshold(self, tier: str, value: float) -> float:
        """An operating point of the model moved with it: without groups the same people stay above it."""
        return float(sigmoid(np.array(self.intercepts[tier] + self.slope * np.log(value / (1 - value)))))


def logit_of(table: RiskTable) -> Numbers:
    """(n,) the score in double precision: the intercept and all terms; nan where there is no answer."""
    score: Numbers = table.intercept.astype(np.float64) + table.contributions.astype(np.float64).sum(axis=1)
    return score


def sigmoid(logit: Numbers) -> Numbers:
    """The probability of a logit."""
    probability: Numbers = 1 / (1 + np.exp(-np.clip(logit, -500, 500)))
    return probability
