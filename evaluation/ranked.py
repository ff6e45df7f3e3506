"""One score for one group of people, as the metrics of a report."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap
from cdss.evaluation.metrics import calibration, net_benefit, observed_expected, sensitivity_at_flagged
from cdss.evaluation.report import Metric, Subgroup

Numbers = NDArray[np.float64]
Events = NDArray[np.int64]
Rows = NDArray[np.intp]
FEWEST = 10  # events in a subgroup for which a number is given


def ranking(event: Events, score: Numbers, repeats: int) -> dict[str, Metric]:
    """What can be said of any score, published points included: `auc` and `sensitivity_at_20_flagged`."""
    statistics = {
        "auc": auc_of_draws(event, score),
        "sensitivity_at_20_flagged": lambda rows: sensitivity_at_flagged(event[rows], score[rows]),
    }
    return _measured(statistics, len(event), repeats)


def probabilities(event: Events, probability: Numbers, repeats: int, threshold: float = 0.05) -> dict[str, Metric]:
    """Ranking and calibration: `auc`, `sensitivity_at_20_flagged`, `calibration_slope`, `o_e`, `net_benefit`.

    `net_benefit` is at the given threshold, in true positives a person.
    """
    statistics: dict[str, Callable[[Rows], float]] = {
        "calibration_slope": lambda rows: calibration(event[rows], probability[rows])[1],
        "o_e": lambda rows: observed_expected(event[rows], probability[rows]),
        "net_benefit": lambda rows: net_benefit(event[rows], probability[rows], threshold),
    }
    return ranking(event, probability, repeats) | _measured(statistics, len(event), repeats)


def auc_of_draws(event: Events, score: Numbers) -> Callable[[Rows], float]:
    """The area under the ROC curve of any draw of rows; sorts once, so that a thousand draws are affordable."""
    _, place = np.unique(score, return_inverse=True)

    def auc(rows: Rows) -> float:
        among, everyone = place[rows], int(place.max()) + 1
        events = np.bincount(among, event[rows], everyone)
        others = np.bincount(among, minlength=everyone) - events
        pairs = events.sum() * others.sum()
        return float(events @ (np.cumsum(others) - others / 2) / pairs) if pairs else float("nan")

    return auc


def subgroups(
    groups: Mapping[str, NDArray[np.str_]], event: Events, probability: Numbers, repeats: int
) -> list[Subgroup]:
    """`auc` and `o_e` in each value of each grouping; numbers only where there are FEWEST events."""
    return [
        _subgroup(group, str(value), event[values == value], probability[values == value], repeats)
        for group, values in groups.items()
        for value in np.unique(values)
    ]


def _subgroup(group: str, value: str, event: Events, probability: Numbers, repeats: int) -> Subgroup:
    statistics: dict[str, Callable[[Rows], float]] = {
        "auc": auc_of_draws(event, probability),
        "o_e": lambda rows: observed_expected(event[rows], probability[rows]),
    }
    enough = event.sum() >= FEWEST
    metrics = _measured(statistics, len(event), repeats) if enough else {}
    return Subgroup(group, value, len(event), int(event.sum()), metrics)


def _measured(statistics: Mapping[str, Callable[[Rows], float]], count: int, repeats: int) -> dict[str, Metric]:
    """Each statistic of all rows, with its interval; every row is a person."""
    measure = partial(bootstrap.metric, patients=np.arange(count), repeats=repeats)
    return {name: measure(statistic) for name, statistic in statistics.items()}
