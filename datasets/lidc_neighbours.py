"""Which crops of lidc_crops show another nodule of the list: their periphery is not all background.

The crops do not say where in the CT they were cut, so that nodules near each other are found by their picture: what is
around one nodule is looked for in every slice of the patient's other crops by normalised cross-correlation. Seen on
fold 4: the same place gives .975 or more, another place at most .96.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cdss.datasets.lidc import SIDE, Crop, Neighbour, grey, marks

Floats = NDArray[np.float64]

SAME = 0.97  # correlation from which it is the same place
LEAST_HALF, RIM = (
    10,
    4,
)  # px; what is looked for reaches this far from the nodule's middle, and this far beyond its edge
FLAT = 1.0  # grey; a picture with less contrast looks like every other


def with_neighbours(crops: Iterable[Crop]) -> list[Crop]:
    """The same crops in the same order, each with the other listed nodules that it shows."""
    known = list(crops)
    by_patient: dict[str, list[Crop]] = {}
    for crop in known:
        by_patient.setdefault(crop.patient, []).append(crop)
    return [replace(crop, neighbours=tuple(_shown(crop, by_patient[crop.patient]))) for crop in known]


def _shown(crop: Crop, siblings: list[Crop]) -> Iterator[Neighbour]:
    others = [each for each in siblings if each.name != crop.name]
    slices = grey(crop).astype(float) if others else ()
    for other in others:
        picture, middle, radius = _around(other)
        if picture.std() >= FLAT:
            best, row, column = max(_best(each, picture) for each in slices)
            if best >= SAME:
                yield Neighbour(row + middle[0], column + middle[1], radius)


def _around(crop: Crop) -> tuple[Floats, tuple[float, float], float]:
    """The picture of a nodule and its surroundings, where its middle is in it, and its radius, in px."""
    outlined = marks(crop)
    number = int((outlined > 0).sum((1, 2)).argmax())
    inside = np.argwhere(outlined[number] > 0)
    if not len(inside):
        return np.zeros((1, 1)), (0.0, 0.0), 0.0
    row, column = inside.mean(0)
    radius = float(np.ptp(inside, axis=0).max() + 1) / 2
    half = max(LEAST_HALF, round(radius) + RIM)
    top, left = max(0, round(row) - half), max(0, round(column) - half)
    picture = grey(crop)[number, top : round(row) + half, left : round(column) + half].astype(float)
    return picture, (row - top, column - left), radius


def _best(image: Floats, picture: Floats) -> tuple[float, int, int]:
    """The highest normalised cross-correlation of a picture in an image, and the row and column of its corner."""
    wanted, ones = picture - picture.mean(), np.ones_like(picture)
    rows, columns = (SIDE - length + 1 for length in picture.shape)
    alike, total, squares = (
        _correlated(of, by)[:rows, :columns] for of, by in ((image, wanted), (image, ones), (image**2, ones))
    )
    spread = np.sqrt(np.maximum(squares - total**2 / picture.size, FLAT**2) * (wanted**2).sum())
    told = alike / spread
    row, column = np.unravel_index(told.argmax(), told.shape)
    return float(told[row, column]), int(row), int(column)


def _correlated(image: Floats, picture: Floats) -> Floats:
    product = np.fft.rfft2(image) * np.conj(np.fft.rfft2(picture, image.shape))
    told: Floats = np.fft.irfft2(product, image.shape)
    return told
