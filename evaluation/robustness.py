"""What worse images cost: the same images strained one way at a time, and the same numbers again."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap
from cdss.evaluation.report import Metric, Strained

REPEATS = 200
Rows = NDArray[np.intp]
Statistic = Callable[[Rows], float]
Say = Callable[[str], None]
Seen = TypeVar("Seen")


def table(
    strains: Iterable[str],
    see: Callable[[str], Seen],
    statistics: Callable[[Seen], Mapping[str, Statistic]],
    flags: Callable[[Seen], NDArray[np.bool_]],
    patients: NDArray[np.generic],
    refusals: Callable[[Seen], int],
) -> list[Strained]:
    """A row a strain, the first being the images as they are.

    `see` looks at all images under a strain; `statistics` are numbers of draws of rows of `patients` (rows,); `flags`
    (images,) which are flagged; `refusals` how many were not read.
    """
    rows: list[Strained] = []
    plain: tuple[Mapping[str, Statistic], NDArray[np.bool_]] | None = None
    for strain in strains:
        looked = see(strain)
        found, flagged = statistics(looked), flags(looked)
        plain = plain or (found, flagged)
        numbers = {name: bootstrap.metric(each, patients, REPEATS) for name, each in found.items()}
        changes = {name: _change(each, plain[0][name], patients) for name, each in found.items()} if rows else {}
        rows.append(Strained(strain, numbers, changes, float((flagged == plain[1]).mean()), refusals(looked)))
    return rows


def evenly(rows: Rows, most: int) -> Rows:
    """At most `most` of them, evenly spaced: the same ones every time."""
    if not len(rows):
        return rows
    some: Rows = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)]
    return some


def _change(strained: Statistic, plain: Statistic, patients: NDArray[np.generic]) -> Metric:
    return bootstrap.metric(lambda rows: strained(rows) - plain(rows), patients, REPEATS)
