"""How well boxes were found: average precision, as COCO computes it for one class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.overlap import overlaps

Floats = NDArray[np.float64]
RECALLS = np.linspace(0, 1, 101)  # COCO's 101 recall points


def matches(scores: Sequence[Floats], found: Sequence[Floats], wanted: Sequence[Floats], least: float) -> list[Floats]:
    """For each image, 1 where a found box (n, 4) is the best free partner of a wanted one by IoU >= `least`, else 0.

    Within an image, boxes choose in order of score, each wanted box being given once.
    """
    return [_matched(s, f, w, least) for s, f, w in zip(scores, found, wanted, strict=True)]


def _matched(scores: Floats, found: Floats, wanted: Floats, least: float) -> Floats:
    free = np.ones(len(wanted), bool)
    hit = np.zeros(len(found))
    table = overlaps(found, wanted)
    for i in np.argsort(-scores, kind="stable"):
        possible = np.where(free, table[i], -1.0)
        if len(possible) and possible.max() >= least:
            free[possible.argmax()] = False
            hit[i] = 1
    return hit


def average_precision(scores: Floats, hits: Floats, wanted: int) -> float:
    """Mean over 101 recalls of the best precision at that recall or beyond; nan if nothing was wanted."""
    return float(precisions(scores, hits, wanted).mean()) if wanted else float("nan")


def precisions(scores: Floats, hits: Floats, wanted: int) -> Floats:
    """(101,) at each of RECALLS the best precision at that recall or beyond, 0 where it is not reached.

    `scores` and `hits` (n,) are of all boxes of all images, `wanted` (at least 1) is how many there are to be found.
    """
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(hits[order])
    precision = np.maximum.accumulate((true / np.arange(1, len(order) + 1))[::-1])[::-1]
    at = np.searchsorted(true / wanted, RECALLS, side="left")
    reached = at < len(precision)
    best: Floats = np.where(reached, np.append(precision, 0.0)[np.minimum(at, len(precision))], 0.0)
    return best


def found_at(scores: Floats, found: Floats, wanted: Floats, least: float) -> Floats:
    """(m,) the best score among boxes (n, 4) that overlap each wanted one (m, 4) by IoU >= `least`; -inf for none."""
    hit: NDArray[np.bool_] = np.greater_equal(overlaps(found, wanted), least)
    return _best(scores, hit)


def pointed_at(scores: Floats, found: Floats, wanted: Floats) -> Floats:
    """(m,) the best score among boxes (n, 4) whose middle lies in each wanted one (m, 4); -inf for none."""
    middle = ((found[:, :2] + found[:, 2:]) / 2)[:, None]
    hit: NDArray[np.bool_] = np.all((middle >= wanted[None, :, :2]) & (middle <= wanted[None, :, 2:]), axis=2)
    return _best(scores, hit)


def _best(scores: Floats, hit: NDArray[np.bool_]) -> Floats:
    best: Floats = np.where(hit, scores[:, None], -np.inf).max(axis=0, initial=-np.inf)
    return best
