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
class Seen:
    """A crop as it is shown to the net: HU and the number of readers who put a pixel inside, (slice, 128, 128) both.

    `neighbours`: other nodules that it shows, where there is no background.
    """

    hu: Floats
    marks: NDArray[np.uint8]
    pixel_mm: float
    thick_mm: float
    neighbours: tuple[lidc.Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One crop: the highest score at its nodule, and in each quarter of its periphery; where the latter are.

    `slice` is the one that was looked at; `nodule_at` and `at` (row, column) are in px of it.
    """

    nodule: float
    background: tuple[float, ...]
    slice: int
    nodule_at: tuple[float, float]
    at: tuple[tuple[float, float], ...]


def seen(crop: lidc.Crop) -> Seen:
    """The crop as it is."""
    return Seen(lidc.hounsfield(crop), lidc.marks(crop), crop.pixel_mm, crop.thick_mm, crop.neighbours)


def look(net: Net, crop: lidc.Crop) -> Look:
    """Scores of the slice that shows most of the nodule (by two readers, else by any)."""
    return look_at(net, seen(crop))


def look_at(net: Net, shown: Seen) -> Look:
    """The same of a crop that is shown in another way."""
    number, inside = _largest(shown.marks)
    cells = int(lidc.SIDE * shown.pixel_mm / CELL_MM)
    scores = net(_stack(shown, number))[:cells, :cells]
    rows, columns, distance, radius = _around(shown.pixel_mm, inside, cells)
    near, far = distance <= max(radius, NEAR_MM), distance > radius + CLEAR_MM
    for other in shown.neighbours:
        away = np.hypot(rows - other.row - 0.5, columns - other.column - 0.5) - other.radius
        far &= away * shown.pixel_mm > CLEAR_MM
    quarters = [
        far & (rows < HALF if up else rows >= HALF) & (columns < HALF if left else columns >= HALF)
        for up in (True, False)
        for left in (True, False)
    ]
    best = [_highest(scores, rows, columns, each) for each in (near, *quarters) if each.any()]
    (nodule, place), *others = best
    return Look(nodule, tuple(score for score, _ in others), number, place, tuple(at for _, at in others))


def _highest(
    scores: Floats, rows: Floats, columns: Floats, among: NDArray[np.bool_]
) -> tuple[float, tuple[float, float]]:
    """The highest score among some cells, and its row and column in px."""
    at = np.unravel_index(np.where(among, scores, -np.inf).argmax(), scores.shape)
    return float(scores[at]), (float(rows[at]), float(columns[at]))


def off_middle(net: Net, crop: lidc.Crop) -> float:
    """The nodule's score after about a third of the crop was cut off above and left: it is no longer in the middle.

    nan if the nodule was cut off too, which crops with the nodule in the middle exclude.
    """
    shown = seen(crop)
    number, inside = _largest(shown.marks)
    cells = int(lidc.SIDE * crop.pixel_mm / CELL_MM)
    gone = int(CUT_OFF * cells) * 2 // MULTIPLE * MULTIPLE
    scores = net(np.ascontiguousarray(_stack(shown, number)[:, gone:, gone:]))
    _, _, distance, radius = _around(crop.pixel_mm, inside, cells)
    kept = distance[gone // 2 :, gone // 2 :] <= max(radius, NEAR_MM)
    return float(scores[: len(kept), : len(kept)][kept].max()) if kept.any() else float("nan")


def _around(pixel_mm: float, inside: NDArray[np.intp], cells: int) -> tuple[Floats, Floats, Floats, float]:
    """Rows and columns of the cells in px, their distance from the nodule's middle and its radius, in mm."""
    rows, columns = (np.mgrid[:cells, :cells] + 0.5) * CELL_MM / pixel_mm
    row, column = inside.mean(0) + 0.5
    distance = np.hypot(rows - row, columns - column) * pixel_mm
    return rows, columns, distance, float(np.sqrt(len(inside) / np.pi) * pixel_mm)


def central(crop: lidc.Crop, number: int | None = None) -> Floats:
    """The crop as the net sees it, around slice `number` (default: the one that shows most of the nodule)."""
    shown = seen(crop)
    return _stack(shown, _largest(shown.marks)[0] if number is None else number)


def outline(shown: Seen) -> tuple[int, tuple[float, float, float, float]]:
    """The slice that shows most of the nodule, and the box around it there: x0, y0, x1, y1 in px."""
    number, inside = _largest(shown.marks)
    (y0, x0), (y1, x1) = inside.min(0), inside.max(0) + 1
    return number, (float(x0), float(y0), float(x1), float(y1))


def _stack(shown: Seen, number: int) -> Floats:
    near = stack(windowed(shown.hu), number, shown.thick_mm)
    return resampled(near, (shown.pixel_mm, shown.pixel_mm))


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
