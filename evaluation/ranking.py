"""How well a score ranks events above non-events."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating[Any]]
Events = NDArray[np.bool_]


def auc(scores: Scores, events: Events) -> float:
    """Chance that an event scores above a non-event, ties counting half; nan without one of the two."""
    if events.all() or not events.any():
        return float("nan")
    values, first = np.unique(scores, return_inverse=True)
    fell = np.bincount(first[~events], minlength=len(values))
    below = np.cumsum(fell) - fell
    return float((below + fell / 2)[first[events]].mean() / (~events).sum())


def level_at_specificity(scores: Scores, events: Events, specificity: float) -> float:
    """The lowest score that at most `1 - specificity` of the non-events exceed."""
    calm = np.sort(scores[~events])
    if not len(calm):
        return float("nan")
    return float(calm[min(len(calm) - 1, int(np.ceil(specificity * len(calm) - 1e-9)) - 1)])


def sensitivity_at_specificity(scores: Scores, events: Events, specificity: float) -> float:
    """Share of events above the level that at most `1 - specificity` of the non-events exceed; nan without both."""
    if events.all() or not events.any():
        return float("nan")
    return float((scores[events] > level_at_specificity(scores, events, specificity)).mean())
