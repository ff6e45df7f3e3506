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
BAND = 0.5  # share of a line that is saturated or filled, from which it belongs to a band
WIDEST = 0.35  # of the film; what is wider is no band
LEAST_SEEN = 0.2  # of the film; if less is left, the bands are taken for a part of the body after all


def filled(film: Floats) -> Mask:
    """Pixels that a decoder filled with one grey after the data ended: whole rows, and the rest of a row of blocks."""
    last, span = film[-1, -1], np.ptp(film)
    same = np.abs(film - last) <= ALIKE * span
    mask = np.zeros(film.shape, bool)
    rows = _run(same.all(1)[::-1])
    if rows < LEAST_ROWS * len(film) or last - film.min() <= DARK * span:
        return mask
    first = len(film) - rows
    mask[first:] = True
    least = LEAST_RUN * film.shape[1]
    for row in range(first - 1, max(-1, first - 1 - BLOCK), -1):
        left, right = _run(same[row]), _run(same[row][::-1])
        if max(left, right) < least:
            break
        if right >= least:
            mask[row, film.shape[1] - right :] = True
        else:
            mask[row, :left] = True
    return mask


def seen(film: Floats, missing: Mask) -> Mask:
    """Pixels by which the film's greys are judged: neither `missing` nor in a white band along an edge."""
    shown = film[~missing]
    bright = (film >= shown.max() - SATURATED * np.ptp(shown)) | missing
    rows, columns = bright.mean(1) >= BAND, bright.mean(0) >= BAND
    inner = np.zeros(film.shape, bool)
    inner[_inside(rows), _inside(columns)] = True
    told: Mask = inner & ~missing
    return told if told.mean() >= LEAST_SEEN else ~missing


def _inside(lines: Mask) -> slice:
    """What the bands at both ends leave of the lines."""
    low, high = (each if (each := _run(side)) <= WIDEST * len(lines) else 0 for side in (lines, lines[::-1]))
    return slice(low, len(lines) - high)


def _run(same: Mask) -> int:
    """How many are true before the first that is not."""
    return len(same) if same.all() else int(same.argmin())
