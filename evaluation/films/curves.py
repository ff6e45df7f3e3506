"""The curves of films read: the probability's, precision by recall of boxes, and fractures found by false boxes."""

import numpy as np

from cdss.evaluation.curves import panel
from cdss.evaluation.detection import RECALLS, found_at, matches, pointed_at, precisions
from cdss.evaluation.films.numbers import HALF
from cdss.evaluation.films.read import Floats, Read
from cdss.evaluation.froc import line, steps
from cdss.evaluation.report import Panel, Plot, Points

DRAWN = 100  # draws behind the band of the calibration


def probability(read: Read, name: str, beside: dict[str, Floats]) -> Panel:
    """ROC, calibration and worth of the film's probability; `beside` are other scores (films,)."""
    told = {name: read.probability.astype(float)}
    return panel("", read.fractured.astype(np.int64), told, beside, DRAWN, read.patients)


def plots(read: Read) -> list[Plot]:
    """Those there are: no normal film, no false boxes on normal films; no fracture, neither of the two."""
    if not read.fractured.any():
        return []
    lines = [Plot("precision_recall", {"overlap_50": _precision_recall(read)})]
    if read.fractured.all():
        return lines
    told = list(zip(read.scores, read.boxes, read.wanted, strict=True))
    overlapping = np.concatenate([found_at(*each, HALF) for each in told])
    pointing = np.concatenate([pointed_at(*each) for each in told])
    return [
        *lines,
        Plot("froc_films", {"overlap_50": _free(read, overlapping), "middle_inside": _free(read, pointing)}),
    ]


def _precision_recall(read: Read) -> Points:
    """Of all boxes on fractured films, as in map50."""
    rows = np.flatnonzero(read.fractured)
    scores, wanted = [read.scores[i] for i in rows], [read.wanted[i] for i in rows]
    hits = matches(scores, [read.boxes[i] for i in rows], wanted, HALF)
    best = precisions(np.concatenate(scores), np.concatenate(hits), sum(map(len, wanted)))
    return Points(np.round(RECALLS, 5).tolist(), np.round(best, 5).tolist())


def _free(read: Read, found: Floats) -> Points:
    """`found` (fractures,) the score that found each; all boxes on normal films are false."""
    normal = np.flatnonzero(~read.fractured)
    return line(*steps(found, np.concatenate([read.scores[i] for i in normal]), len(normal)))
