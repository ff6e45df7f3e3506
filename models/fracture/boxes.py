"""From the net's dense answer to a few boxes: decoding, overlap, non-maximum suppression, averaging."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STRIDE = 8  # px of the net's input for one cell of its answer


def decode(distances: Floats) -> Floats:
    """Boxes (cells, 4) x0, y0, x1, y1 in px, row by row.

    `distances` (4, row, column): px from each cell's centre to the left, top, right and bottom edge.
    """
    _, rows, columns = distances.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32) * STRIDE + STRIDE / 2
    left, top, right, bottom = distances
    return np.stack([x - left, y - top, x + right, y + bottom], axis=-1).reshape(-1, 4)


def overlap(box: Floats, others: Floats) -> Floats:
    """Intersection over union of one box (4,) with others (n, 4); 0 where both are empty."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.maximum(0.0, high - low), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - shared
    shares: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0).astype(np.float32)
    return shares


def suppress(boxes: Floats, scores: Floats, limit: float, most: int) -> NDArray[np.intp]:
    """Indices of at most `most` boxes, best first, none overlapping a better one by more than `limit` (IoU)."""
    waiting = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(waiting) and len(kept) < most:
        best, rest = waiting[0], waiting[1:]
        kept.append(int(best))
        waiting = rest[overlap(boxes[best], boxes[rest]) <= limit]
    return np.asarray(kept, np.intp)


def averaged(boxes: Floats, scores: Floats, kept: NDArray[np.intp], least: float) -> Floats:
    """The boxes `kept` (n, 4), each the mean, weighted by score, of all boxes that overlap it by `least` (IoU)."""
    means = np.empty((len(kept), 4), np.float32)
    for i, best in enumerate(kept):
        alike = overlap(boxes[best], boxes) >= least
        means[i] = np.average(boxes[alike], axis=0, weights=scores[alike])
    return means
