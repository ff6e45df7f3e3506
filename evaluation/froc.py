"""Free-response ROC and the competition performance metric, as LUNA16 defines them.

Setio et al. 2017, Medical Image Analysis 42:1-13, section 3: a mark hits a nodule if it lies within its radius; of
several marks on one nodule the strongest counts, the others are neither hit nor false; marks on findings that are left
out (one or two readers, smaller than 3 mm) are dropped. CPM is the mean sensitivity at 1/8 to 8 false marks a scan,
read off the curve by straight lines between its points.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.report import Points

Floats = NDArray[np.float64]
POINTS = 200  # of a drawn line
RATES = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8)  # false marks a scan


class Scan(NamedTuple):
    """One CT: marks and findings by place in mm (n, 3); `ignored` are the findings that are left out."""

    scores: Floats
    places: Floats
    nodules: Floats
    radii: Floats
    ignored: Floats
    ignored_radii: Floats


class Judged(NamedTuple):
    """Marks of one CT: the score that found each nodule (-inf: not found), and the scores of false marks."""

    found: Floats
    false: Floats


def judge(scan: Scan) -> Judged:
    """Which nodules of a scan were found, and what was marked falsely."""
    on = _within(scan.places, scan.nodules, scan.radii)
    left_out = _within(scan.places, scan.ignored, scan.ignored_radii).any(axis=1)
    found = np.asarray([scan.scores[hit].max() if hit.any() else -np.inf for hit in on.T])
    return Judged(found, scan.scores[~on.any(axis=1) & ~left_out])


def sensitivities(scans: list[Judged], rates: tuple[float, ...] = RATES) -> Floats:
    """Share of nodules found at each rate of false marks a scan."""
    x, y = curve(scans)
    return np.interp(rates, x, y)


def curve(scans: list[Judged]) -> tuple[Floats, Floats]:
    """False marks a scan and sensitivity at every level of the score, from none told to all told."""
    return steps(*pooled(scans), len(scans))


def pooled(scans: list[Judged]) -> tuple[Floats, Floats]:
    """The scores that found each nodule of all scans, and those of all false marks."""
    return np.concatenate([scan.found for scan in scans]), np.concatenate([scan.false for scan in scans])


def steps(found: Floats, false: Floats, images: int) -> tuple[Floats, Floats]:
    """False marks an image and the share found, at every level from none told to all told.

    `found` (lesions,) the score that found each, -inf for none; `false` (marks,) on `images` images.
    """
    told = np.unique(np.concatenate([found[np.isfinite(found)], false]))[::-1]
    rate = (len(false) - np.searchsorted(np.sort(false), told)) / images
    share = (len(found) - np.searchsorted(np.sort(found), told)) / len(found)
    return np.concatenate([[0.0], rate]), np.concatenate([[0.0], share])


def line(x: Floats, y: Floats) -> Points:
    """A curve of steps to be drawn: about POINTS of them, evenly by their logarithm along x, each the top of its step.

    The first and the last are always kept.
    """
    keep = np.arange(len(x))
    if len(x) > POINTS:
        along = np.log(x + 1e-3)
        tops = np.searchsorted(along, np.linspace(along[0], along[-1], POINTS), side="right") - 1
        keep = np.unique([0, *tops, len(x) - 1])
    return Points(np.round(x[keep], 5).tolist(), np.round(y[keep], 5).tolist())


def hits_at(found: Floats, false: Floats, images: int, rate: float) -> int:
    """How many of `found` are above the level that no more than `rate` false marks an image exceed."""
    allowed = int(np.floor(rate * images + 1e-9))
    loudest = np.sort(false)[::-1]
    level = loudest[allowed] if allowed < len(loudest) else -np.inf
    return int((found > level).sum())


def cpm(scans: list[Judged]) -> float:
    """Mean sensitivity at LUNA16's seven rates."""
    return float(sensitivities(scans).mean())


def _within(places: Floats, findings: Floats, radii: Floats) -> NDArray[np.bool_]:
    distance = np.linalg.norm(places[:, None, :] - findings[None, :, :], axis=2)
    near: NDArray[np.bool_] = distance <= radii[None, :]
    return near
