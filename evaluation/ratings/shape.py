"""What the readers' outlines alone would say: measures of shape, and a random forest on them, as a baseline.

scikit-learn (a dependency of training already) grows the forest.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from cdss.datasets import lidc

Floats = NDArray[np.float64]

TREES, LEAF, SEED = 300, 3, 20261121
MEASURES = (
    "volume_mm3", "height_mm", "area_mm2", "perimeter_mm", "roundness", "major_mm", "minor_mm", "elongation", "filling",
)  # fmt: skip


def measures(crop: lidc.Crop) -> Floats:
    """(9,) MEASURES of what two readers agree on, else of what any marked; 0 where nothing is marked."""
    marks = lidc.marks(crop)
    inside = marks >= (2 if (marks >= 2).any() else 1)
    if not inside.any():
        return np.zeros(len(MEASURES))
    areas = inside.sum(axis=(1, 2)) * crop.pixel_mm**2
    plane = inside[areas.argmax()]
    places = np.argwhere(plane) * crop.pixel_mm
    sides = np.ptp(places, axis=0) + crop.pixel_mm
    spread = np.cov(places.T) if len(places) > 1 else np.zeros((2, 2))
    minor, major = 4 * np.sqrt(np.linalg.eigvalsh(spread + np.eye(2) * crop.pixel_mm**2 / 12))
    around = perimeter(plane) * crop.pixel_mm
    height, volume = (areas > 0).sum() * crop.thick_mm, areas.sum() * crop.thick_mm
    roundness, filling = 4 * np.pi * areas.max() / around**2, areas.max() / sides.prod()
    return np.asarray(
        [volume, height, areas.max(), around, roundness, major, minor, major / minor, filling], np.float64
    )


def perimeter(plane: NDArray[np.bool_]) -> float:
    """Length of the outline in pixels: its edges counted along rows and columns, times pi / 4 as for a circle."""
    padded = np.pad(plane.astype(int), 1)
    return float(sum(np.abs(np.diff(padded, axis=axis)).sum() for axis in (0, 1)) * np.pi / 4)


def forest(features: Floats, event: NDArray[np.bool_], folds: NDArray[np.intp]) -> Floats:
    """(n,) probability of each row by a forest grown on the other folds; nan where those hold one class only."""
    told = np.full(len(event), np.nan)
    for fold in np.unique(folds):
        here, there = folds == fold, folds != fold
        if len(np.unique(event[there])) == 2:
            grown = RandomForestClassifier(TREES, min_samples_leaf=LEAF, random_state=SEED, n_jobs=1)
            told[here] = grown.fit(features[there], event[there]).predict_proba(features[here])[:, 1]
    return told
