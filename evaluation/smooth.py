"""The share of events as a smooth function of the prediction, and how far predictions are from it.

A logistic regression on a restricted cubic spline of the logit, with four knots at the quantiles of Harrell, Regression
Modeling Strategies, 2.4.6, of people weighted by p (1 - p), which is what each of them tells of the curve: where events
are rare, knots by people alone would leave the upper end, for which the model is used, a straight line. The distances
are the integrated calibration index, E50 and E90 of Austin and Steyerberg, Stat Med 2019;38:4051-65.
"""

from dataclasses import dataclass

import numpy as np

from cdss.evaluation.metrics import Numbers, expit, logistic, logit
from cdss.evaluation.spline import basis
from cdss.evaluation.tally import Tally

PLACES = (0.05, 0.35, 0.65, 0.95)


@dataclass(frozen=True, slots=True)
class Distance:
    """Between prediction and smoothed share of events, over people: mean, median and 90th percentile."""

    ici: float
    e50: float
    e90: float


class Smooth:
    """The regression, set up on everybody and fitted to any draw of them. Too few values for bends: a straight line."""

    def __init__(self, everybody: Tally) -> None:
        self._knots = _knots(everybody)
        self._design = self._columns(everybody.value)
        self._start: tuple[float, ...] = ()
        first = self.fit(everybody)
        if np.isfinite(first).all():
            self._start = tuple(first)

    def fit(self, drawn: Tally) -> Numbers:
        """Intercept and weights; all nan where the draw has none."""
        if not drawn.events.sum() or not drawn.others.sum():
            return np.full(self._design.shape[1] + 1, np.nan)
        close = 1e-6 if self._start else 1e-10  # far below what a draw moves the weights by
        return logistic(drawn.events, *self._design.T, start=self._start, people=drawn.people, close=close)

    def share(self, weights: Numbers, probability: Numbers) -> Numbers:
        """(n,) the share of events at these predictions."""
        return expit(weights[0] + self._columns(probability) @ weights[1:])

    def distance(self, drawn: Tally) -> Distance:
        """How far the draw's predictions are from its own smoothed shares."""
        weights = self.fit(drawn)
        if np.isnan(weights).any():
            return Distance(float("nan"), float("nan"), float("nan"))
        off = np.abs(drawn.value - expit(weights[0] + self._design @ weights[1:]))
        order = np.argsort(off)
        reached = np.cumsum(drawn.people[order]) / drawn.people.sum()
        half, most = off[order][np.searchsorted(reached, (0.5, 0.9))]
        return Distance(float(off @ drawn.people / drawn.people.sum()), float(half), float(most))

    def _columns(self, probability: Numbers) -> Numbers:
        return basis(logit(probability), self._knots)


def _knots(everybody: Tally) -> list[float]:
    """On the logit scale, ascending; none where some of them would coincide."""
    told = everybody.people * everybody.value * (1 - everybody.value)
    if not told.sum():
        return []
    reached = np.cumsum(told[::-1]) / told.sum()
    values = everybody.value[::-1][np.minimum(np.searchsorted(reached, PLACES), len(reached) - 1)]
    knots = np.unique(logit(values))
    return knots.tolist() if len(knots) == len(PLACES) else []
