"""Operating points and calibration, chosen on validation data."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Events = NDArray[np.bool_]

RIDGE = 0.1


def at_sensitivity(scores: Floats, events: Events, wanted: float) -> float:
    """The highest score that still flags at least `wanted` of the events."""
    ordered = np.sort(scores[events])[::-1]
    return float(ordered[int(np.ceil(wanted * len(ordered) - 1e-9)) - 1])


def at_specificity(scores: Floats, events: Events, wanted: float) -> float:
    """A score between the calm ones that stay below and the first that may not: at least `wanted` stay below it."""
    ordered = np.sort(scores[~events])
    last = ordered[int(np.ceil(wanted * len(ordered) - 1e-9)) - 1]
    above = scores[scores > last]
    return float((last + above.min()) / 2 if len(above) else last)


def weights(scores: Floats, events: Events, steps: int = 50) -> Floats:
    """Constant and one weight a score (n, k) whose sum is the calibrated logit (Platt 1999), by Newton's method.

    A slight pull to 0 (RIDGE) keeps them finite where the scores part events from others without a mistake.
    """
    rows = np.column_stack([np.ones(len(scores)), scores])
    pull = RIDGE * np.eye(rows.shape[1])
    pull[0, 0] = 1e-9
    beta = np.zeros(rows.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-rows @ beta))
        gradient = rows.T @ (events - p) - pull @ beta
        change = np.linalg.solve(rows.T @ (rows * (p * (1 - p))[:, None]) + pull, gradient)
        beta = beta + change
        if np.abs(change).max() < 1e-10:
            break
    return beta
