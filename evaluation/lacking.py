"""What missing values cost: features blanked one by one, together, and at random, and the same numbers again."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap
from cdss.evaluation.metrics import observed_expected
from cdss.evaluation.report import Blanked, Lacking, Metric
from cdss.evaluation.tally import Score

Numbers = NDArray[np.float64]
Events = NDArray[np.int64]
Predict = Callable[[Mapping[str, Numbers]], Numbers]  # columns (n,), nan is missing -> probability (n,), nan is refused
TOGETHER = (2, 3)  # of the features that cost most
AT_RANDOM = (1, 3)  # features of each person
SEED = 20261121


def blanked(
    predict: Predict, columns: Mapping[str, Numbers], event: Events, features: Sequence[str], repeats: int
) -> Lacking:
    """The model as it stands and with `features` missing: each of them, the costliest together, some at random.

    The last two only of features without which it still answers.

    `auc_lost` is the AUC before less the AUC after, in the same people and draws. Which features cost most is told by
    it, here and now: a description of these people, by which nothing is chosen.
    """
    whole = predict(columns)

    def case(away: Mapping[str, NDArray[np.bool_]], at_random: int = 0) -> Blanked:
        after = predict({name: _without(column, away.get(name)) for name, column in columns.items()})
        return Blanked(list(away), at_random, int((~np.isnan(after)).sum()), _numbers(event, whole, after, repeats))

    everybody = np.ones(len(event), bool)
    alone = sorted((case({name: everybody}) for name in features), key=_cost)
    spare = [one.features[0] for one in alone if one.metrics]  # the others the model cannot do without
    together = [case(dict.fromkeys(spare[:count], everybody)) for count in TOGETHER if count <= len(spare)]
    strewn = [case(_strewn(spare, count, len(event)), count) for count in AT_RANDOM if count < len(spare)]
    shares = {name: float(np.isnan(columns[name]).mean()) for name in features}
    return Lacking(len(event), shares, [case({}), *alone, *together, *strewn])


def _cost(one: Blanked) -> float:
    """Sorts what the model refuses first, then the largest loss."""
    return -one.metrics["auc_lost"].value if one.metrics else -np.inf


def _without(column: Numbers, away: NDArray[np.bool_] | None) -> Numbers:
    return column if away is None else np.where(away, np.nan, column)


def _strewn(features: Sequence[str], count: int, people: int) -> dict[str, NDArray[np.bool_]]:
    """Whom each feature is taken from: for each person `count` of the features, any with the same chance."""
    rank = np.random.default_rng(SEED).random((people, len(features))).argsort(axis=1)
    return {name: rank[:, place] < count for place, name in enumerate(features)}


def _numbers(event: Events, before: Numbers, after: Numbers, repeats: int) -> dict[str, Metric]:
    """`auc`, `auc_lost` and `o_e` among those who get a number before and after; none where there are too few."""
    rows = ~np.isnan(before) & ~np.isnan(after)
    had = event[rows]
    if not 0 < had.sum() < len(had):
        return {}
    first, second = Score(had, before[rows]), Score(had, after[rows])

    def numbers(weights: Numbers) -> dict[str, float]:
        drawn = second.tally(weights)
        found = drawn.auc()
        o_e = observed_expected(drawn.events, drawn.value, drawn.people)
        return {"auc": found, "auc_lost": first.tally(weights).auc() - found, "o_e": o_e}

    return bootstrap.people(numbers, len(had), repeats)
