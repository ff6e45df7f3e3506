"""From scores on a grid of cells to nodules: peaks in each slice, merged across slices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NEAR_MM = 6.0  # peaks closer than this are one nodule
OF_WIDTH = 0.75  # or closer than this share of the wider one's diameter
CHAIN_MM = 12.0  # or linked by peaks NEAR_MM from each other, at most this far from the strongest,
CHAIN_SCORE = 0.2  # of which none scores less
MOST = 1000  # peaks of a volume that are looked at, strongest first


@dataclass(frozen=True, slots=True)
class Peak:
    """A nodule: `place` (slice, row, column) in mm."""

    score: float
    place: tuple[float, float, float]
    diameter_mm: float


def peaks(scores: Floats, least: float) -> NDArray[np.intp]:
    """(n, 2) rows and columns of cells that reach `least` and are not below any of their eight neighbours."""
    rim = np.pad(scores, 1, constant_values=-1.0)
    rows, columns = scores.shape
    around = [rim[dy : dy + rows, dx : dx + columns] for dy in range(3) for dx in range(3)]
    return np.argwhere((scores >= least) & (scores >= np.max(around, axis=0)))


def merged(scores: Floats, places: Floats, diameters: Floats) -> list[Peak]:
    """Peaks (n,), their places (n, 3) in mm and diameters (n,), strongest first, joined where they are near each other.

    A nodule lies where its strongest peak lies across, and between its peaks by score along the slices; it is as wide
    as at its strongest peak.
    """
    order = np.argsort(-scores, kind="stable")[:MOST]
    found: list[Peak] = []
    while len(order):
        best = order[0]
        distance = np.linalg.norm(places[order] - places[best], axis=1)
        own = distance <= np.maximum(NEAR_MM, OF_WIDTH * np.maximum(diameters[best], diameters[order]))
        own = _chained(places[order], own, (distance <= CHAIN_MM) & (scores[order] >= CHAIN_SCORE))
        members = order[own]
        along = float(np.average(places[members, 0], weights=scores[members]))
        _, row, column = places[best]
        found.append(Peak(float(scores[best]), (along, float(row), float(column)), float(diameters[best])))
        order = order[~own]
    return found


def _chained(places: Floats, own: NDArray[np.bool_], may: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`own` (n,) and the places (n, 3) that `may` join them, each within NEAR_MM of one that may and has."""
    while True:
        waiting = np.flatnonzero(may & ~own)
        apart = np.linalg.norm(places[waiting, None] - places[None, own & may], axis=2).min(axis=1, initial=np.inf)
        joined = waiting[apart <= NEAR_MM]
        if not len(joined):
            return own
        own = own.copy()
        own[joined] = True
