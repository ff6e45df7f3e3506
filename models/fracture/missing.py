"""Parts of a film that show nothing: the filled end of a truncated image, white bands outside the collimator."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

ALIKE = 0.012  # of the film's range: grey values this near are one value
LEAST_ROWS = 0.03  # of the rows; a shorter constant end is no filling
DARK = 0.05  # of the range above the darkest: a constant end as dark as this is background
BLOCK = 28  # rows above the filled ones in which the last, partly decoded row of blocks may begin
LEAST_RUN = 0.02  # of the columns; a shorter run at the edge is chance
SATURATED = 0.03  # of the range below the brightest
BAND = 0.5  # share of a line that is saturated, from which it belongs to a band
WIDEST = 0.35  # of the film; what is wider is no band
LEAST_SEEN = 0.2  # of the film; if less is left, the bands are taken for a part of the body after all


def decoded(film: Floats) -> int:
    """How many rows were decoded: those below, and the row of blocks that was not finished, hold one grey filling."""
    last, span = film[-1, -1], np.ptp(film)
    same = np.abs(film - last) <= ALIKE * span
    rows = len(film) - _run(same.all(1)[::-1])
    if len(film) - rows < LEAST_ROWS * len(film) or last - film.min() <= DARK * span:
        return len(film)
    least = LEAST_RUN * film.shape[1]
    for row in range(rows - 1, max(-1, rows - 1 - BLOCK), -1):
        if max(_run(same[row]), _run(same[row][::-1])) < least:
            break
        rows = row
    return rows


def seen(film: Floats) -> Mask:
    """Pixels by which the film's greys are judged: those that are in no white band along an edge."""
    bright = film >= film.max() - SATURATED * np.ptp(film)
    rows, columns = bright.mean(1) >= BAND, bright.mean(0) >= BAND
    inner = np.zeros(film.shape, bool)
    inner[_inside(rows), _inside(columns)] = True
    return inner if inner.mean() >= LEAST_SEEN else np.ones(film.shape, bool)


def _inside(lines: Mask) -> slice:
    """What the bands at both ends leave of the lines."""
    low, high = (each if (each := _run(side)) <= WIDEST * len(lines) else 0 for side in (lines, lines[::-1]))
    return slice(low, len(lines) - high)


def _run(same: Mask) -> int:
    """How many are true before the first that is not."""
    return len(same) if same.all() else int(same.argmin())
