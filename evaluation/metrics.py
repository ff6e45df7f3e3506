"""How well probabilities of a yes/no event rank people, and whether they can be believed. Numpy only.

Everywhere: `event` (n,) 0 or 1, `probability` (n,) in (0, 1), both without missing values; nan where a number is not
defined (no event, or nothing but events). The area under the ROC curve is in `ranking`.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def observed_expected(event: NDArray[np.integer], probability: Numbers) -> float:
    """Events that happened over events that were predicted; above 1 the model predicts too few."""
    expected = probability.sum()
    return float(event.sum() / expected) if expected and event.sum() else float("nan")


def calibration(event: NDArray[np.integer], probability: Numbers) -> tuple[float, float]:
    """Intercept and slope of a logistic regression of the event on the logit: (0, 1) is perfect.

    A slope below 1 says that predictions are too extreme. Cox DR, Biometrika 1958;45:562-5.
    """
    if not 0 < event.sum() < len(event):
        return float("nan"), float("nan")
    intercept, slope = logistic(event, logit(probability), start=(0.0, 1.0))
    return float(intercept), float(slope)


def logistic(event: NDArray[np.integer], *scores: Numbers, start: tuple[float, ...] = ()) -> Numbers:
    """Intercept and one weight a score of the most likely logistic regression, by Newton's method from `start`.

    All nan where there is none, because a score parts events from others without a mistake or is the same for all.
    """
    design = np.column_stack([np.ones(len(event)), *scores])
    weights = np.array(start or (0.0,) * design.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-np.clip(design @ weights, -500, 500)))
        information = design.T @ (design * (expected * (1 - expected))[:, None])
        if np.linalg.cond(information) > 1e12:
            break
        step = np.linalg.solve(information, design.T @ (event - expected))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            return weights
    return np.full(design.shape[1], np.nan)


def logit(probability: Numbers) -> Numbers:
    """log(p / (1 - p)), with p kept 1e-12 away from 0 and 1."""
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    odds: Numbers = np.log(clipped / (1 - clipped))
    return odds


def sensitivity_at_flagged(event: NDArray[np.integer], score: Numbers, flagged: float = 0.2) -> float:
    """Share of all events among the `flagged` highest-scoring share of people; a tie at the edge is shared out."""
    if not event.sum():
        return float("nan")
    places = flagged * len(score)
    edge = np.sort(score)[::-1][int(np.ceil(places)) - 1]
    above, at = score > edge, score == edge
    share = (places - above.sum()) / at.sum()
    return float((event[above].sum() + share * event[at].sum()) / event.sum())


def net_benefit(event: NDArray[np.integer], probability: Numbers, threshold: float) -> float:
    """True positives less false positives at the threshold's odds, per person. Vickers 2006."""
    flagged = probability >= threshold
    true, false = event[flagged].sum(), (1 - event[flagged]).sum()
    return float((true - false * threshold / (1 - threshold)) / len(event))
