"""Whole chest CTs with the places of their nodules: folders `dicom/ct_chest_*` of DICOM files and `nodules.csv`.

Nodules are LIDC-IDRI's, a row each: how many of four readers marked it, its middle (`row`, `col` in pixels, `z_mm`
along the patient, feet to head) and `mean_inplane_diam_mm`. Nothing here is for training.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from cdss.datasets.source import DataNotFound, root

PATTERN = "dicom/ct_chest_*"
TABLE = "nodules.csv"
UNEVEN_MM = 0.1  # slices whose distances differ by more are no even series
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # ImageOrientationPatient, PS3.3 C.7.6.2.1.1
AIR_HU = -1024  # what is below it lies outside of the scanner's round field and was not measured


@dataclass(frozen=True, slots=True)
class Nodule:
    """`place` (slice, row, column) in mm, the middle of the first voxel at 0; `readers` of four marked it."""

    place: tuple[float, float, float]
    diameter_mm: float
    readers: int


@dataclass(frozen=True, slots=True)
class ChestCt:
    """`volume` (slice, row, column) HU, feet first; `spacing` in mm, slice first."""

    name: str
    volume: NDArray[np.int16]
    spacing: tuple[float, float, float]
    nodules: tuple[Nodule, ...]


class UnreadableSeries(ValueError):
    """The files of a folder are not one even axial series."""


def folders(data: Path | None = None) -> list[Path]:
    """The folders with DICOM files and a table of nodules. Raises DataNotFound if there is none."""
    base = root(data)
    found = sorted(path.parent for path in base.glob(f"{PATTERN}/{TABLE}"))
    if not found:
        raise DataNotFound(f"found no whole CT with nodules; expected {PATTERN}/*.dcm with {TABLE} in {base}")
    return found


def read(folder: Path) -> ChestCt:
    """The one series of a folder. Raises UnreadableSeries."""
    files = sorted((pydicom.dcmread(path) for path in folder.glob("*.dcm")), key=_height)
    spacing = _spacing(folder, files)
    volume = np.stack([_hounsfield(file) for file in files])
    with (folder / TABLE).open(encoding="utf-8", newline="") as file:
        nodules = tuple(_nodule(row, _height(files[0]), spacing) for row in csv.DictReader(file))
    return ChestCt(folder.name.removeprefix("ct_chest_"), volume, spacing, nodules)


def _spacing(folder: Path, files: list[Any]) -> tuple[float, float, float]:
    series = {str(file.SeriesInstanceUID) for file in files}
    if len(series) != 1 or len(files) < 2:
        raise UnreadableSeries(f"{folder.name}: found {len(files)} files of {len(series)} series, expected one series")
    if not np.allclose([file.ImageOrientationPatient for file in files], AXIAL, atol=1e-3):
        raise UnreadableSeries(f"{folder.name}: found slices that are not axial, expected {AXIAL} as orientation")
    steps = np.diff([_height(file) for file in files])
    if np.ptp(steps) > UNEVEN_MM or steps.min() <= 0:
        raise UnreadableSeries(
            f"{folder.name}: found slices {steps.min():g} to {steps.max():g} mm apart, expected one distance"
        )
    row, column = map(float, files[0].PixelSpacing)
    return float(np.median(steps)), row, column


def _height(file: Any) -> float:
    """Of the slice, mm along the patient."""
    return float(file.ImagePositionPatient[2])


def _hounsfield(file: Any) -> NDArray[np.int16]:
    units = file.pixel_array * float(file.RescaleSlope) + float(file.RescaleIntercept)
    plane: NDArray[np.int16] = np.maximum(units, AIR_HU).astype(np.int16)
    return plane


def _nodule(row: dict[str, str], foot: float, spacing: tuple[float, float, float]) -> Nodule:
    place = float(row["z_mm"]) - foot, float(row["row"]) * spacing[1], float(row["col"]) * spacing[2]
    return Nodule(place, float(row["mean_inplane_diam_mm"]), int(row["n_readers"]))
