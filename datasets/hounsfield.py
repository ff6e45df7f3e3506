"""From grey values back to Hounsfield units, for slices that were stretched to 8 bit one by one."""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Volume = NDArray[np.float32]

LUNG = (-1050.0, -500.0)  # HU; every crop around a lung nodule has some of it
LEAST_LUNG = 0.2  # share of a crop; with less lung the calibration is doubted
PADDED = -1500.0  # an intercept below this is the scanner's padding, not air
PADDING_OFFSET = 1024.0  # HU; padding is stored before the rescale intercept (usually -1024) is added
LUNG_HU, TISSUE_HU = -860.0, 30.0  # typical means of lung and of soft tissue, for slices without a calibration


def calibrated(grey: Grey, slope: float, intercept: float) -> Volume:
    """HU of one slice by its fitted line, unless that line leaves no lung where lung must be.

    Found by looking at lidc_crops: in a tenth of the slices the fit took padding for -2000 HU and lung lies near 0 HU
    (moved down by 1024 here); in a few more the line is off otherwise (guessed here). Neither is done unless it brings
    more pixels into the range of lung.
    """
    values = grey.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    if intercept < PADDED and lung_share(values - PADDING_OFFSET) > lung_share(values):
        values -= np.float32(PADDING_OFFSET)
    if lung_share(values) < LEAST_LUNG and lung_share(other := guessed(grey)) > 2 * lung_share(values):
        return other
    return values


def guessed(grey: Grey) -> Volume:
    """HU of one slice with no calibration: its dark and bright class (Otsu 1979) are taken for lung and soft tissue."""
    cut = _otsu(grey)
    dark, bright = float(np.median(grey[grey <= cut])), float(np.median(grey[grey > cut]))
    slope = (TISSUE_HU - LUNG_HU) / max(1.0, bright - dark)
    return ((grey.astype(np.float32) - dark) * slope + LUNG_HU).astype(np.float32)


def lung_share(values: Volume) -> float:
    """Share of pixels in the range of lung."""
    return float(((values > LUNG[0]) & (values < LUNG[1])).mean())


def _otsu(grey: Grey) -> int:
    """The grey value that parts dark from bright with the largest variance between the two; pure black is left out."""
    counts = np.bincount(grey[grey > 0].ravel(), minlength=256).astype(float)
    below = np.cumsum(counts)
    total, mass = below[-1], np.cumsum(counts * np.arange(256))
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (mass[-1] * below - mass * total) ** 2 / (below * (total - below))
    return int(np.nanargmax(np.where(np.isfinite(between), between, np.nan)))
