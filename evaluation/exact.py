"""Exact 95 % intervals of counts, for few findings in few scans, where drawing patients again says nothing.

Clopper and Pearson, Biometrika 1934;26:404-13, for a share; Garwood, Biometrika 1936;28:437-42, for a rate. Both take
the counted things as independent of each other, which nodules of one patient are not.
"""

import math
from collections.abc import Callable

from cdss.evaluation.report import Metric

TAIL = 0.025  # beyond either end
HALVINGS = 60


def share(hits: int, of: int) -> Metric:
    """`hits` of `of` things; nan and no interval of none."""
    if not of:
        return Metric(float("nan"))
    low = _root(lambda p: _at_most(hits - 1, of, p) - (1 - TAIL), 0, 1) if hits else 0.0
    high = _root(lambda p: _at_most(hits, of, p) - TAIL, 0, 1) if hits < of else 1.0
    return Metric(hits / of, (low, high))


def rate(events: int, units: int) -> Metric:
    """Events a unit; nan and no interval of none."""
    if not units:
        return Metric(float("nan"))
    most = 10.0 * (events + 2)
    low = _root(lambda mean: _poisson(events - 1, mean) - (1 - TAIL), 0, most) if events else 0.0
    high = _root(lambda mean: _poisson(events, mean) - TAIL, 0, most)
    return Metric(events / units, (low / units, high / units))


def _at_most(hits: int, of: int, p: float) -> float:
    """Chance of at most `hits` of `of`, each with chance `p`, between 0 and 1."""
    yes, no, ways = math.log(p), math.log1p(-p), math.lgamma(of + 1)
    return math.fsum(
        math.exp(ways - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * yes + (of - k) * no) for k in range(hits + 1)
    )


def _poisson(events: int, mean: float) -> float:
    """Chance of at most `events` where `mean`, above 0, are expected."""
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(events + 1))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses nought."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
