"""Scores of a nodule net on crops: at the nodule, and in windows of the crop's periphery without it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import lidc
from cdss.models.lung_nodule.stack import CELL_MM, MULTIPLE, resampled, stack, windowed

Floats = NDArray[np.float32]
Net = Callable[[Floats], Floats]  # a stack (DEPTH, h, w) to scores (h / 2, w / 2)

NEAR_MM = 3.0  # a peak this near the middle hits a nodule, or within its radius if that is more
CLEAR_MM = 8.0  # background starts this far outside the nodule
CUT_OFF = 0.3  # share of the crop that is cut off to see a nodule off the middle
HALF = lidc.SIDE / 2  # px; a window of the periphery is a quarter of the crop


@dataclass(frozen=True, slots=True)
class Look:
    """One crop: the highest score at its nodule, and in each quarter of its periphery."""

    nodule: float
    background: tuple[float, ...]


def look(net: Net, crop: lidc.Crop) -> Look:
    """Scores of the slice that shows most of the nodule (by two readers, else by any)."""
    number, inside = _largest(lidc.marks(crop))
    cells = int(lidc.SIDE * crop.pixel_mm / CELL_MM)
    scores = net(central(crop, number))[:cells, :cells]
    rows, columns, distance, radius = _around(crop, inside, cells)
    near, far = distance <= max(radius, NEAR_MM), distance > radius + CLEAR_MM
    quarters = [
        far & (rows < HALF if up else rows >= HALF) & (columns < HALF if left else columns >= HALF)
        for up in (True, False)
        for left in (True, False)
    ]
    return Look(float(scores[near].max()), tuple(float(scores[each].max()) for each in quarters if each.any()))


def off_middle(net: Net, crop: lidc.Crop) -> float:
    """The nodule's score after about a third of the crop was cut off above and left: it is no longer in the middle.

    nan if the nodule was cut off too, which crops with the nodule in the middle exclude.
    """
    number, inside = _largest(lidc.marks(crop))
    cells = int(lidc.SIDE * crop.pixel_mm / CELL_MM)
    gone = int(CUT_OFF * cells) * 2 // MULTIPLE * MULTIPLE
    scores = net(np.ascontiguousarray(central(crop, number)[:, gone:, gone:]))
    _, _, distance, radius = _around(crop, inside, cells)
    kept = distance[gone // 2 :, gone // 2 :] <= max(radius, NEAR_MM)
    return float(scores[: len(kept), : len(kept)][kept].max()) if kept.any() else float("nan")


def _around(crop: lidc.Crop, inside: NDArray[np.intp], cells: int) -> tuple[Floats, Floats, Floats, float]:
    """Rows and columns of the cells in px, their distance from the nodule's middle and its radius, in mm."""
    rows, columns = (np.mgrid[:cells, :cells] + 0.5) * CELL_MM / crop.pixel_mm
    row, column = inside.mean(0) + 0.5
    distance = np.hypot(rows - row, columns - column) * crop.pixel_mm
    return rows, columns, distance, float(np.sqrt(len(inside) / np.pi) * crop.pixel_mm)


def central(crop: lidc.Crop, number: int | None = None) -> Floats:
    """The crop as the net sees it, around slice `number` (default: the one that shows most of the nodule)."""
    at = _largest(lidc.marks(crop))[0] if number is None else number
    return resampled(stack(windowed(lidc.hounsfield(crop)), at, crop.thick_mm), (crop.pixel_mm, crop.pixel_mm))


def _largest(marks: NDArray[np.uint8]) -> tuple[int, NDArray[np.intp]]:
    """The slice with the largest outline, and the pixels (n, 2) in it; the middle of the crop where there is none."""
    for readers in (2, 1):
        areas = (marks >= readers).sum(axis=(1, 2))
        if areas.any():
            number = int(areas.argmax())
            return number, np.argwhere(marks[number] >= readers)
    return len(marks) // 2, np.asarray([[lidc.SIDE // 2, lidc.SIDE // 2]])


def whole(crop: lidc.Crop) -> bool:
    """Whether the crop has all slices that a stack holds: none of it is empty."""
    return bool(central(crop).any(axis=(1, 2)).all())


def sensitivity(nodules: NDArray[np.float64], background: NDArray[np.float64], false_share: float = 0.01) -> float:
    """Share of nodules above the level that `false_share` of the background windows exceed; nan without either."""
    if not len(nodules) or not len(background):
        return float("nan")
    return float((nodules > level(background, false_share)).mean())


def level(background: NDArray[np.float64], false_share: float = 0.01) -> float:
    """The score that at most `false_share` of the windows exceed."""
    allowed = int(np.floor(false_share * len(background) + 1e-9))
    return float(np.sort(background)[::-1][min(allowed, len(background) - 1)])
