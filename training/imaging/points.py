"""Operating points and calibration, chosen on validation data."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Events = NDArray[np.bool_]


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


def line(logits: Floats, events: Events, steps: int = 50) -> tuple[float, float]:
    """Slope and intercept that turn logits into calibrated ones (Platt 1999), by Newton's method."""
    rows = np.column_stack([logits, np.ones_like(logits)])
    beta = np.asarray([1.0, 0.0])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-rows @ beta))
        gradient = rows.T @ (events - p)
        curvature = rows.T @ (rows * (p * (1 - p))[:, None]) + 1e-9 * np.eye(2)
        change = np.linalg.solve(curvature, gradient)
        beta = beta + change
        if np.abs(change).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1])
