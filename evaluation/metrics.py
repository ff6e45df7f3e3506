"""Whether probabilities of a yes/no event can be believed, and what acting on them is worth. Numpy only.

Everywhere: `event` (n,) 0 or 1, `probability` (n,) in (0, 1), both without missing values; nan where a number is not
defined (no event, or nothing but events). With `people` (n,) a row stands for that many people and `event` counts how
many of them had it. Ranking is in `tally`.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Events = NDArray[np.integer] | Numbers
ONE = np.ones(1)  # every row is one person


def observed_expected(event: Events, probability: Numbers, people: Numbers = ONE) -> float:
    """Events that happened over events that were predicted; above 1 the model predicts too few."""
    expected = (people * probability).sum()
    return float(event.sum() / expected) if expected and event.sum() else float("nan")


def calibration(
    event: Events, probability: Numbers, people: Numbers = ONE, start: tuple[float, ...] = (0.0, 1.0)
) -> tuple[float, float]:
    """Intercept and slope of a logistic regression of the event on the logit: (0, 1) is perfect.

    A slope below 1 says that predictions are too extreme. Cox DR, Biometrika 1958;45:562-5.
    """
    if not _both(event, people):
        return float("nan"), float("nan")
    intercept, slope = logistic(event, logit(probability), start=start, people=people)
    return float(intercept), float(slope)


def in_the_large(event: Events, probability: Numbers, people: Numbers = ONE, start: float = 0.0) -> float:
    """What must be added to every logit so that as many events are predicted as happened; 0 is perfect.

    The intercept of the regression above with its slope held at 1: above 0 the model predicts too little.
    """
    if not _both(event, people):
        return float("nan")
    found, score = start, logit(probability)
    for _ in range(50):
        risk = expit(score + found)
        information = float((people * risk * (1 - risk)).sum())
        if information < 1e-12:
            break
        step = float(np.clip((event.sum() - (people * risk).sum()) / information, -2, 2))  # no leap past the answer
        found += step
        if abs(step) < 1e-9:
            return found
    return float("nan")


def logistic(
    event: Events, *scores: Numbers, start: tuple[float, ...] = (), people: Numbers = ONE, close: float = 1e-10
) -> Numbers:
    """Intercept and one weight a score of the most likely logistic regression, by Newton's method from `start`.

    Ends when no weight moves by `close`. All nan where there is no such regression, because a score parts events from
    others without a mistake or is the same for all.
    """
    design = np.column_stack([np.ones(len(event)), *scores])
    found = _newton(event, design, np.array(start or (0.0,) * design.shape[1]), people, close)
    if np.isnan(found).any() and any(start):  # too far from where it began
        return _newton(event, design, np.zeros(design.shape[1]), people, close)
    return found


def _newton(event: Events, design: Numbers, weights: Numbers, people: Numbers, close: float) -> Numbers:
    for _ in range(50):
        expected = expit(design @ weights)
        information = design.T @ (design * (people * expected * (1 - expected))[:, None])
        if not np.isfinite(information).all() or np.linalg.cond(information) > 1e12:
            break
        step = np.linalg.solve(information, design.T @ (event - people * expected))
        weights = weights + step
        if np.abs(step).max() < close:
            return weights
    return np.full(design.shape[1], np.nan)


def logit(probability: Numbers) -> Numbers:
    """log(p / (1 - p)), with p kept 1e-12 away from 0 and 1."""
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    odds: Numbers = np.log(clipped / (1 - clipped))
    return odds


def expit(score: Numbers) -> Numbers:
    """The probability of a logit."""
    risk: Numbers = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
    return risk


def brier(event: Events, probability: Numbers, people: Numbers = ONE) -> float:
    """Mean squared distance of the probability from what happened. Brier GW, Mon Weather Rev 1950;78:1-3."""
    total = _count(event, people)
    squares = event * (1 - probability) ** 2 + (people - event) * probability**2
    return float(squares.sum() / total) if total else float("nan")


def brier_scaled(event: Events, probability: Numbers, people: Numbers = ONE) -> float:
    """1 - Brier over that of telling everybody the share of events: 1 is perfect, 0 is no better than that share."""
    if not _both(event, people):
        return float("nan")
    rate = event.sum() / _count(event, people)
    return float(1 - brier(event, probability, people) / (rate * (1 - rate)))


def net_benefit(event: Events, probability: Numbers, threshold: float, people: Numbers = ONE) -> float:
    """True positives less false positives at the threshold's odds, per person. Vickers 2006."""
    flagged = probability >= threshold
    true, false = event[flagged].sum(), (people - event)[flagged].sum()
    return float((true - false * threshold / (1 - threshold)) / _count(event, people))


def treating_all(rate: float, threshold: float) -> float:
    """Net benefit of acting on everybody, where the share `rate` has the event; acting on nobody has none."""
    return rate - (1 - rate) * threshold / (1 - threshold)


def _both(event: Events, people: Numbers) -> bool:
    return bool(0 < event.sum() < _count(event, people))


def _count(event: Events, people: Numbers) -> float:
    return float(people.sum()) if len(people) == len(event) else float(len(event))
