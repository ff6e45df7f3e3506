"""LIDC-IDRI nodules as small crops, and whole CTs without nodules: lung_crops and lung_negative.

`lidc_crops/` holds for each nodule marked by two or more readers up to five consecutive slices of 128 x 128 native
pixels around the largest one. The nodule is always in the middle: whoever trains on them has to move the window.
Folds are by patient.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdss.datasets.hounsfield import calibrated, guessed
from cdss.datasets.source import DataNotFound, Source, folder_of

Volume = NDArray[np.float32]

CITATION = (
    "Armato SG 3rd, McLennan G, Bidaut L, et al. The Lung Image Database Consortium (LIDC) and Image Database Resource "
    "Initiative (IDRI). Medical Physics 2011;38:915-931. Data: The Cancer Imaging Archive, "
    "doi:10.7937/K9/TCIA.2015.LO9QL9SX"
)
HOMEPAGE = "https://doi.org/10.7937/K9/TCIA.2015.LO9QL9SX"
CROPS = Source(
    name="lidc_crops",
    title="LIDC-IDRI: 2-D crops of nodules marked by at least two readers",
    licence="CC BY 3.0",
    citation=CITATION,
    homepage=HOMEPAGE,
    urls={},
    files=("nodules.csv", "images/*.jpg", "readers/*.png"),
)
NEGATIVE = Source(
    name="lung_negative",
    title="LIDC-IDRI: whole CTs without nodules of 3 mm or more",
    licence="CC BY 3.0",
    citation=CITATION,
    homepage=HOMEPAGE,
    urls={},
    files=("*/z_*.jpg",),
)
SIDE = 128  # px of a crop
NEGATIVE_MM = {"LIDC-IDRI-0745": (2.0, 0.488, 0.488), "LIDC-IDRI-0513": (2.0, 0.539, 0.539)}  # slice, row, column
NEGATIVE_WINDOW = (-1350.0, 1500.0)  # HU of grey 0, and the width that grey 255 spans


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another listed nodule that a crop shows: its middle and radius in px of the crop."""

    row: float
    column: float
    radius: float


@dataclass(frozen=True, slots=True)
class Crop:
    """One nodule: where its strips lie and what nodules.csv says of it. Lists have one entry a slice."""

    name: str
    patient: str
    fold: int
    folder: Path
    pixel_mm: float
    thick_mm: float  # distance of consecutive slices
    diameter_mm: float
    readers: int
    malignancy: str  # the readers' ratings, as a list in text
    slope: tuple[float | None, ...]  # HU a grey step; None where the calibration failed
    intercept: tuple[float | None, ...]
    neighbours: tuple[Neighbour, ...] = ()  # as far as they were looked for (datasets.lidc_neighbours)


def crops(data: Path | None = None, folds: Iterable[int] | None = None) -> list[Crop]:
    """The nodules of the folder, in its order; only those of `folds` if given. DataNotFound if there are none."""
    folder = folder_of(CROPS, data)
    wanted = None if folds is None else set(folds)
    with (folder / "nodules.csv").open(encoding="utf-8", newline="") as file:
        found = [_crop(folder, row) for row in csv.DictReader(file)]
    chosen = [crop for crop in found if wanted is None or crop.fold in wanted]
    if not chosen:
        raise DataNotFound(f"found no nodule of folds {sorted(wanted or ())} in {folder}/nodules.csv")
    return chosen


def hounsfield(crop: Crop) -> Volume:
    """(slice, 128, 128) HU; slices without a calibration are guessed from their own grey values."""
    known = [
        calibrated(each, slope, intercept) if slope is not None and intercept is not None else guessed(each)
        for each, slope, intercept in zip(grey(crop), crop.slope, crop.intercept, strict=True)
    ]
    return np.stack(known)


def grey(crop: Crop) -> NDArray[np.uint8]:
    """(slice, 128, 128) as stored: each slice stretched to 0 to 255."""
    return _strip(crop.folder / "images" / f"{crop.name}.jpg", len(crop.slope))


def marks(crop: Crop) -> NDArray[np.uint8]:
    """(slice, 128, 128) number of readers, 0 to 4, who put the pixel inside the nodule."""
    return _strip(crop.folder / "readers" / f"{crop.name}.png", len(crop.slope))


def negatives(data: Path | None = None) -> list[str]:
    """Names of the CTs without nodules; empty where the folder is absent."""
    try:
        folder = folder_of(NEGATIVE, data)
    except DataNotFound:
        return []
    return sorted(path.name for path in folder.iterdir() if path.name in NEGATIVE_MM)


def negative(name: str, data: Path | None = None) -> tuple[Volume, tuple[float, float, float]]:
    """(slice, row, column) HU, clipped at 150, and the spacing in mm, slice first."""
    paths = sorted((folder_of(NEGATIVE, data) / name).glob("z_*.jpg"))
    low, width = NEGATIVE_WINDOW
    grey = np.stack([_grey(path) for path in paths]).astype(np.float32)
    return grey * np.float32(width / 255) + np.float32(low), NEGATIVE_MM[name]


def _crop(folder: Path, row: dict[str, str]) -> Crop:
    return Crop(
        name=row["name"],
        patient=row["patient"],
        fold=int(row.get("fold") or -1),
        folder=folder,
        pixel_mm=float(row["pixel_mm"]),
        thick_mm=float(row["thick_mm"]),
        diameter_mm=float(row["diameter_mm"]),
        readers=int(row["n_readers"]),
        malignancy=row["malignancy"],
        slope=_numbers(row["hu_slope"], int(row["n_slices"])),
        intercept=_numbers(row["hu_intercept"], int(row["n_slices"])),
    )


def _numbers(text: str, slices: int) -> tuple[float | None, ...]:
    values = text.split(";") if text else [""] * slices
    if len(values) != slices:
        raise ValueError(f"found {len(values)} calibrations in {text!r}, expected {slices}, one a slice")
    return tuple(float(value) if value else None for value in values)


def _strip(path: Path, slices: int) -> NDArray[np.uint8]:
    grey = _grey(path)
    if grey.shape != (slices * SIDE, SIDE):
        raise ValueError(f"{path}: found {grey.shape} pixels, expected {slices} slices of {SIDE} x {SIDE}")
    return grey.reshape(slices, SIDE, SIDE)


def _grey(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))
