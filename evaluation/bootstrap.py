"""Intervals by resampling patients, because two rows of one patient are not two facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.report import Metric

Rows = NDArray[np.intp]
Weights = NDArray[np.float64]
SEED = 20261121


def metric(
    statistic: Callable[[Rows], float], patients: NDArray[np.generic], repeats: int = 1000, seed: int = SEED
) -> Metric:
    """`statistic` of all rows with its 95 % percentile interval.

    `statistic` takes row indices (with repeats) and returns a number, or nan where it is undefined for that draw.
    `patients` (rows,) says whose row it is; whole patients are drawn. None as interval if nine draws in ten fail.
    """
    rows_of = _rows_by_patient(patients)
    everyone = np.arange(len(patients))
    generator = np.random.default_rng(seed)
    draws = [statistic(_draw(rows_of, everyone, generator)) for _ in range(repeats)]
    return _with_interval(statistic(everyone), draws)


def people(
    numbers: Callable[[Weights], Mapping[str, float]],
    count: int,
    repeats: int,
    seed: int = SEED,
    patients: NDArray[np.generic] | None = None,
) -> dict[str, Metric]:
    """Several numbers of `count` rows, all from the same draws.

    `numbers` takes how often each row was drawn, (count,), and returns what `metric`'s statistic would, by name. Each
    row is a person, unless `patients` (count,) says whose row it is.
    """
    whole = numbers(np.ones(count))
    draws = [numbers(weights) for weights in drawn(count, repeats, seed, patients)]
    return {name: _with_interval(value, [draw[name] for draw in draws]) for name, value in whole.items()}


def drawn(count: int, repeats: int, seed: int = SEED, patients: NDArray[np.generic] | None = None) -> Iterator[Weights]:
    """How often each of `count` rows was drawn, (count,), `repeats` times; rows of one of `patients` come together."""
    generator = np.random.default_rng(seed)
    whose = np.arange(count) if patients is None else np.unique(patients, return_inverse=True)[1]
    total = int(whose.max(initial=-1)) + 1
    for _ in range(repeats):
        yield np.bincount(generator.integers(0, total, total), minlength=total).astype(np.float64)[whose]


def _with_interval(value: float, draws: Sequence[float]) -> Metric:
    defined = np.asarray([draw for draw in draws if np.isfinite(draw)])
    if len(defined) < 0.1 * len(draws) or not len(defined):
        return Metric(float(value))
    low, high = np.quantile(defined, (0.025, 0.975))
    return Metric(float(value), (float(low), float(high)))


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
