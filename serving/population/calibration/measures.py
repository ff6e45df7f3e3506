"""How well probabilities fit what happened, with 95 % intervals in closed form: no draws, so the same at every run.

Everywhere `event` (n,) is 0 or 1 and `probability` (n,) in (0, 1). None where a number is not defined.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Z = 1.959964
FIFTHS = 5


class Interval(msgspec.Struct, frozen=True):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


class Fifth(msgspec.Struct, frozen=True):
    """One fifth of the people by risk: how many, the mean risk, and the share with the event (Wilson's interval)."""

    n: int
    predicted: float
    observed: Interval


class Measures(msgspec.Struct, frozen=True):
    """What is said of one set of probabilities."""

    n: int
    events: int
    o_e: Interval | None
    slope: Interval | None
    auc: Interval | None
    brier: Interval | None
    log_loss: Interval | None
    fifths: tuple[Fifth, ...]


def measured(event: Numbers, probability: Numbers) -> Measures:
    """All of it."""
    return Measures(
        n=len(event),
        events=int(event.sum()),
        o_e=observed_expected(event.sum(), probability.sum()),
        slope=slope(event, probability),
        auc=auc(event, probability),
        brier=_mean((event - probability) ** 2),
        log_loss=_mean(log_loss(event, probability)),
        fifths=fifths(event, probability),
    )


def observed_expected(observed: float, expected: float) -> Interval | None:
    """Events over expected events, the events taken as Poisson; Byar's approximation (Breslow and Day 1987, 2.10)."""
    if not expected:
        return None
    above = observed + 1
    low = observed * (1 - 1 / (9 * observed) - Z / (3 * observed**0.5)) ** 3 if observed else 0.0
    high = above * (1 - 1 / (9 * above) + Z / (3 * above**0.5)) ** 3
    return Interval(*(float(number / expected) for number in (observed, low, high)))


def slope(event: Numbers, probability: Numbers) -> Interval | None:
    """Cox's calibration slope (Biometrika 1958;45:562-5) with Wald's interval; None if it cannot be fitted."""
    if not 0 < event.sum() < len(event):
        return None
    design = np.column_stack([np.ones(len(event)), _logit(probability)])
    weights = np.array([0.0, 1.0])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-np.clip(design @ weights, -500, 500)))
        information = design.T @ (design * (expected * (1 - expected))[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (event - expected))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            error = Z * float(np.linalg.inv(information)[1, 1]) ** 0.5
            return Interval(float(weights[1]), float(weights[1] - error), float(weights[1] + error))
    return None


def auc(event: Numbers, score: Numbers) -> Interval | None:
    """Area under the ROC curve, ties counting half, with DeLong's interval (Biometrics 1988;44:837-45)."""
    cases, others = score[event == 1], score[event == 0]
    if len(cases) < 2 or len(others) < 2:
        return None
    of_cases, of_others = _share_below(cases, others), 1 - _share_below(others, cases)
    area = float(of_cases.mean())
    error = Z * float(of_cases.var(ddof=1) / len(cases) + of_others.var(ddof=1) / len(others)) ** 0.5
    return Interval(area, max(0.0, area - error), min(1.0, area + error))


def fifths(event: Numbers, probability: Numbers) -> tuple[Fifth, ...]:
    """The calibration curve: people in five equal groups by risk, lowest first; fewer groups if fewer people."""
    parts = np.array_split(np.argsort(probability, kind="stable"), FIFTHS)
    return tuple(_fifth(event[part], probability[part]) for part in parts if len(part))


def _fifth(event: Numbers, probability: Numbers) -> Fifth:
    n, share = len(event), float(event.mean())
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * (share * (1 - share) / n + Z**2 / (4 * n**2)) ** 0.5
    return Fifth(n, float(probability.mean()), Interval(share, max(0.0, middle - half), min(1.0, middle + half)))


def log_loss(event: Numbers, probability: Numbers) -> Numbers:
    """(n,) minus the logarithm of the probability that was given to what happened."""
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    loss: Numbers = -np.where(event == 1, np.log(clipped), np.log(1 - clipped))
    return loss


def _share_below(scores: Numbers, among: Numbers) -> Numbers:
    """(n,) the share of `among` that lies below each score, those equal to it counted half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, scores, side="left") + np.searchsorted(ordered, scores, side="right")
    share: Numbers = below / (2 * len(among))
    return share


def _mean(values: Numbers) -> Interval | None:
    if len(values) < 2:
        return None
    mean, error = float(values.mean()), Z * float(values.std(ddof=1)) / len(values) ** 0.5
    return Interval(mean, mean - error, mean + error)


def _logit(probability: Numbers) -> Numbers:
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    odds: Numbers = np.log(clipped / (1 - clipped))
    return odds
