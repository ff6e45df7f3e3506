"""Intervals by resampling patients, because two rows of one patient are not two facts."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.report import Metric

Rows = NDArray[np.intp]


def metric(
    statistic: Callable[[Rows], float], patients: NDArray[np.generic], repeats: int = 1000, seed: int = 20261121
) -> Metric:
    """`statistic` of all rows with its 95 % percentile interval.

    `statistic` takes row indices (with repeats) and returns a number, or nan where it is undefined for that draw.
    `patients` (rows,) says whose row it is; whole patients are drawn. None as interval if nine draws in ten fail.
    """
    rows_of = _rows_by_patient(patients)
    everyone = np.arange(len(patients))
    generator = np.random.default_rng(seed)
    draws = [statistic(_draw(rows_of, everyone, generator)) for _ in range(repeats)]
    defined = np.asarray([draw for draw in draws if np.isfinite(draw)])
    if len(defined) < 0.1 * repeats:
        return Metric(statistic(everyone))
    low, high = np.quantile(defined, (0.025, 0.975))
    return Metric(statistic(everyone), (float(low), float(high)))


def _rows_by_patient(patients: NDArray[np.generic]) -> list[Rows] | None:
    """Row indices of each patient; None if every patient has one row (then rows can be drawn directly)."""
    _, first, counts = np.unique(patients, return_index=True, return_counts=True)
    if counts.max(initial=1) == 1:
        return None
    order = np.argsort(patients, kind="stable")
    return list(np.split(order, np.cumsum(counts)[:-1])) if len(first) else None


def _draw(rows_of: list[Rows] | None, everyone: Rows, generator: np.random.Generator) -> Rows:
    if rows_of is None:
        return generator.choice(everyone, len(everyone))
    drawn = generator.integers(0, len(rows_of), len(rows_of))
    return np.concatenate([rows_of[i] for i in drawn])
