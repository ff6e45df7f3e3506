"""The curves of a report: ROC, decision, flagged, calibration with its band, and whom the predictions fall on."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap
from cdss.evaluation.metrics import expit, logit, net_benefit, treating_all
from cdss.evaluation.report import Drawn, Histogram, Panel, Points
from cdss.evaluation.smooth import Smooth
from cdss.evaluation.tally import Score, Tally

Numbers = NDArray[np.float64]
POINTS = 101  # of a line
GRID = 41  # of the smoothed calibration
TAIL = 0.001  # of people at either end are beyond the drawn predictions
BARS = 40
Z = 1.959964  # of a 95 % interval


def panel(
    name: str,
    event: NDArray[np.int64],
    probabilities: Mapping[str, Numbers],
    scores: Mapping[str, Numbers],
    repeats: int,
    patients: NDArray[np.generic] | None = None,
) -> Panel:
    """What is drawn of `probabilities` (n,), the model's first, and of published `scores` (n,), of the same people.

    `repeats` are the draws behind the band of the calibration, of `patients` (n,) where a row is no person. Nothing
    may be missing. Without an event, or with nothing else, there is no ranking and no calibration to be drawn.
    """
    model = Score(event, next(iter(probabilities.values())))
    everybody = model.tally()
    thresholds = _thresholds(float(event.mean()))
    drawn = [_drawn(each, Score(event, value).tally(), thresholds) for each, value in probabilities.items()]
    return Panel(
        name=name,
        n=len(event),
        events=int(event.sum()),
        scores=drawn + [_drawn(each, Score(event, value).tally(), None) for each, value in scores.items()],
        treat_all=_points(thresholds, np.array([treating_all(float(event.mean()), each) for each in thresholds])),
        calibration=calibrated(model, repeats, patients),
        tenths=tenths(everybody),
        histogram=_histogram(everybody),
    )


def calibrated(model: Score, repeats: int, patients: NDArray[np.generic] | None = None) -> Points:
    """Smoothed share of events by prediction, with the band of `repeats` bootstrap draws; empty if it has none."""
    everybody = model.tally()
    smooth = Smooth(everybody)
    weights = smooth.fit(everybody)
    if np.isnan(weights).any():
        return Points([], [])
    low, high = _middle(everybody)
    grid = expit(np.linspace(logit(np.array([low]))[0], logit(np.array([high]))[0], GRID))
    draws = bootstrap.drawn(int(everybody.people.sum()), repeats, patients=patients)
    fitted = [smooth.fit(model.tally(each)) for each in draws]
    lines = np.array([smooth.share(each, grid) for each in fitted if np.isfinite(each).all()])
    if len(lines) < 0.1 * repeats or not len(lines):
        return _points(grid, smooth.share(weights, grid))
    return _points(grid, smooth.share(weights, grid), *np.quantile(lines, (0.025, 0.975), axis=0))


def tenths(everybody: Tally) -> Points:
    """Mean prediction and share of events in ten groups that should have as many events each, by prediction.

    With Wilson's 95 % interval (JASA 1927;22:209). Tenths of the people would crowd at nought where events are rare.
    """
    people = everybody.people
    expected = people * everybody.value
    part = np.minimum((10 * (np.cumsum(expected) - expected / 2) / expected.sum()).astype(int), 9)
    count = np.bincount(part, people, 10)
    some = count > 0
    count = count[some]
    predicted = np.bincount(part, expected, 10)[some] / count
    share = np.bincount(part, everybody.events, 10)[some] / count
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2)) / (1 + Z**2 / count)
    return _points(predicted, share, np.maximum(centre - half, 0.0), centre + half)


def _drawn(name: str, everybody: Tally, thresholds: Numbers | None) -> Drawn:
    benefit = None if thresholds is None else _points(thresholds, _benefits(everybody, thresholds))
    if not everybody.events.sum() or not everybody.others.sum():
        return Drawn(name, Points([], []), Points([], []), benefit)
    shares = np.linspace(0, 1, POINTS)
    sensitivity = np.array([flagged.sensitivity for flagged in everybody.flagged(*shares)])
    return Drawn(name, _points(*_thinned(*everybody.roc())), _points(shares, sensitivity), benefit)


def _benefits(everybody: Tally, thresholds: Numbers) -> Numbers:
    seen = (everybody.events, everybody.value)
    return np.array([net_benefit(*seen, float(each), everybody.people) for each in thresholds])


def _thinned(false: Numbers, true: Numbers) -> tuple[Numbers, Numbers]:
    """A curve of many steps at POINTS places, evenly along both axes together; a short one as it is."""
    if len(false) <= POINTS:
        return false, true
    along = (false + true) / 2
    places = np.linspace(0, 1, POINTS)
    return np.interp(places, along, false), np.interp(places, along, true)


def _thresholds(rate: float) -> Numbers:
    """From next to nothing to four times the share of events, and to 20 % at least."""
    return np.linspace(0.002, float(np.clip(4 * rate, 0.2, 0.9)), POINTS)


def _middle(everybody: Tally) -> tuple[float, float]:
    """The predictions between which all people but a thousandth at either end are."""
    reached = np.cumsum(everybody.people) / everybody.people.sum()
    top, bottom = everybody.value[np.searchsorted(reached, (TAIL, 1 - TAIL))]
    return float(bottom), float(top)


def _histogram(everybody: Tally) -> Histogram:
    """From 0 to the highest prediction but a thousandth of the people, who are in the last bar."""
    edges = np.linspace(0, max(_middle(everybody)[1], 1e-6), BARS + 1)
    bar = np.minimum(np.searchsorted(edges, everybody.value, side="right") - 1, BARS - 1)
    events, others = (np.bincount(bar, counts, BARS).astype(int) for counts in (everybody.events, everybody.others))
    return Histogram(np.round(edges, 6).tolist(), events.tolist(), others.tolist())


def _points(x: Numbers, y: Numbers, low: Numbers | None = None, high: Numbers | None = None) -> Points:
    band = [np.round(each, 5).tolist() if each is not None else [] for each in (low, high)]
    return Points(np.round(x, 5).tolist(), np.round(y, 5).tolist(), *band)
