"""One score for one group of people, as the metrics of a report."""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap, metrics
from cdss.evaluation.report import Metric, Subgroup
from cdss.evaluation.smooth import Smooth
from cdss.evaluation.tally import Score, Tally

Numbers = NDArray[np.float64]
Events = NDArray[np.int64]
FEWEST = 10  # events in a subgroup for which a number is given
SHARES = (0.1, 0.2, 0.3)  # of people flagged
THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of net benefit; the reader takes those that fit how common the event is
OVERALL = 0.2  # of all people are above the threshold by which subgroups are compared


def ranking(event: Events, score: Numbers, repeats: int) -> dict[str, Metric]:
    """What can be said of any score, published points included.

    `auc`, and with 10, 20 and 30 % of people flagged `sensitivity_at_20_flagged`, `specificity_...`, `ppv_...`.
    """
    counted = Score(event, score)
    return bootstrap.people(lambda weights: _ranking(counted.tally(weights)), len(event), repeats)


def probabilities(event: Events, probability: Numbers, repeats: int, threshold: float = 0.05) -> dict[str, Metric]:
    """Ranking, calibration and worth; the keys are in the README.

    `net_benefit` is at the given threshold, in true positives a person; `net_benefit_at_5` at 5 %, and so on for
    THRESHOLDS, each beside that of acting on everybody.
    """
    counted = Score(event, probability)
    everybody = counted.tally()
    smooth = Smooth(everybody)
    line = metrics.calibration(everybody.events, everybody.value, everybody.people)
    level = metrics.in_the_large(everybody.events, everybody.value, everybody.people)

    def numbers(weights: Numbers) -> dict[str, float]:
        drawn = counted.tally(weights)
        return _ranking(drawn) | _calibration(drawn, smooth, line, level) | _worth(drawn, threshold)

    return bootstrap.people(numbers, len(event), repeats)


def _ranking(drawn: Tally) -> dict[str, float]:
    found = {"auc": drawn.auc()}
    for share, flagged in zip(SHARES, drawn.flagged(*SHARES), strict=True):
        found[f"sensitivity_at_{share:.0%}_flagged"] = flagged.sensitivity
        found[f"specificity_at_{share:.0%}_flagged"] = flagged.specificity
        found[f"ppv_at_{share:.0%}_flagged"] = flagged.ppv
    return {key.replace("%", ""): value for key, value in found.items()}


def _calibration(drawn: Tally, smooth: Smooth, line: tuple[float, float], level: float) -> dict[str, float]:
    """`line` and `level`: those of everybody, near which a draw's own are found fast."""
    seen = (drawn.events, drawn.value, drawn.people)
    intercept, slope = metrics.calibration(*seen, start=line if np.isfinite(line).all() else (0.0, 1.0))
    distance = smooth.distance(drawn)
    return {
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "calibration_in_the_large": metrics.in_the_large(*seen, start=level if np.isfinite(level) else 0.0),
        "o_e": metrics.observed_expected(*seen),
        "brier": metrics.brier(*seen),
        "brier_scaled": metrics.brier_scaled(*seen),
        "ici": distance.ici,
        "e50": distance.e50,
        "e90": distance.e90,
    }


def _worth(drawn: Tally, threshold: float) -> dict[str, float]:
    benefit = partial(metrics.net_benefit, drawn.events, drawn.value, people=drawn.people)
    rate = float(drawn.events.sum() / drawn.people.sum())
    found = {"net_benefit": benefit(threshold=threshold)}
    for each in THRESHOLDS:
        found[f"net_benefit_at_{round(100 * each)}"] = benefit(threshold=each)
        found[f"net_benefit_at_{round(100 * each)}_treat_all"] = metrics.treating_all(rate, each)
    return found


def subgroups(
    groups: Mapping[str, NDArray[np.str_]], event: Events, probability: Numbers, repeats: int
) -> list[Subgroup]:
    """`auc`, `o_e`, `calibration_slope` and `sensitivity_at_overall_20_flagged` in each value of each grouping.

    The last is at the one threshold above which a fifth of all people are: do the events of each group have the same
    chance to be flagged? Numbers only where there are FEWEST events.
    """
    edge = float(np.quantile(probability, 1 - OVERALL)) if len(probability) else float("nan")
    return [
        _subgroup(group, str(value), event[values == value], probability[values == value], edge, repeats)
        for group, values in groups.items()
        for value in sorted(np.unique(values), key=_order)
    ]


def _order(value: str) -> tuple[int, str]:
    """Numbers by size, words as they are spelt."""
    return (int(value) if value.isdigit() else 0, value)


def _subgroup(group: str, value: str, event: Events, probability: Numbers, edge: float, repeats: int) -> Subgroup:
    counted = Score(event, probability)

    def numbers(weights: Numbers) -> dict[str, float]:
        drawn = counted.tally(weights)
        seen = (drawn.events, drawn.value, drawn.people)
        caught, events = drawn.events[drawn.value >= edge].sum(), drawn.events.sum()
        return {
            "auc": drawn.auc(),
            "o_e": metrics.observed_expected(*seen),
            "calibration_slope": metrics.calibration(*seen)[1],
            "sensitivity_at_overall_20_flagged": float(caught / events) if events else float("nan"),
        }

    enough = event.sum() >= FEWEST
    found = bootstrap.people(numbers, len(event), repeats) if enough else {}
    return Subgroup(group, value, len(event), int(event.sum()), found)
