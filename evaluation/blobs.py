"""The plain detector that a nodule net must beat: bright blobs, by differences of Gaussians over several widths.

Lindeberg 1998, Feature detection with automatic scale selection: the scale-normalised Laplacian, here by differences.
"""

import numpy as np
from numpy.typing import NDArray

from cdss.models.lung_nodule.stack import CELL_MM, PLANE_MM

Floats = NDArray[np.float32]
RADII_MM = (1.5, 2.2, 3.2, 4.6, 6.6, 9.5)
RATIO = 1.6  # of the two widths whose difference stands for the Laplacian


def blobs(stack: Floats) -> Floats:
    """How blob-like each cell of 1.4 mm is, (h / 2, w / 2): the strongest answer over all radii, middle slice."""
    middle = stack[len(stack) // 2]
    answers: list[Floats] = [_difference(middle, radius / np.sqrt(2) / PLANE_MM) for radius in RADII_MM]
    best: Floats = np.stack(answers).max(axis=0)
    step = round(CELL_MM / PLANE_MM)
    cells: Floats = best.reshape(best.shape[0] // step, step, best.shape[1] // step, step).max(axis=(1, 3))
    return cells


def _difference(image: Floats, sigma: float) -> Floats:
    difference: Floats = _smooth(image, sigma) - _smooth(image, sigma * RATIO)
    return difference


def _smooth(image: Floats, sigma: float) -> Floats:
    """Gaussian blur, `sigma` in px; the edge repeats."""
    rows, columns = (_gauss(length, sigma) for length in image.shape)
    smooth: Floats = (rows @ image @ columns.T).astype(np.float32)
    return smooth


def _gauss(length: int, sigma: float) -> Floats:
    """(length, length) rows of weights that sum to 1."""
    reach = int(np.ceil(4 * sigma))
    padded = np.arange(-reach, length + reach)
    bell = np.exp(-0.5 * ((padded[None, :] - np.arange(length)[:, None]) / sigma) ** 2)
    bell /= bell.sum(axis=1, keepdims=True)
    inner = bell[:, reach : reach + length]
    inner[:, 0] += bell[:, :reach].sum(axis=1)
    inner[:, -1] += bell[:, reach + length :].sum(axis=1)
    return inner.astype(np.float32)
