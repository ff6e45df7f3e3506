"""Intersection over union of two sets of boxes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def overlaps(found: Floats, wanted: Floats) -> Floats:
    """(n, m) IoU of boxes (n, 4) and (m, 4), x0, y0, x1, y1; 0 where both are empty."""
    found, wanted = np.asarray(found, float).reshape(-1, 4), np.asarray(wanted, float).reshape(-1, 4)
    low = np.maximum(found[:, None, :2], wanted[None, :, :2])
    high = np.minimum(found[:, None, 2:], wanted[None, :, 2:])
    shared = np.prod(np.maximum(0.0, high - low), axis=2)
    area = np.prod(found[:, 2:] - found[:, :2], axis=1)[:, None] + np.prod(wanted[:, 2:] - wanted[:, :2], axis=1)
    shares: Floats = np.divide(shared, area - shared, out=np.zeros_like(shared), where=area > shared)
    return shares
