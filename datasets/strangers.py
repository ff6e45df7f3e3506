"""DICOM images that the fracture model is not for, and two that it is for but that come from devices it never saw.

From `dicom/xray` and `dicom/ct_*` of the data folder and, where the extra `demo` is installed, from the package
pydicom-data. Which file shows what was looked up by eye. Nothing here is for training.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels import apply_modality_lut, apply_voi_lut, pixel_array

from cdss.datasets.source import DataNotFound, root

Floats = NDArray[np.float32]

FILMS = {
    "cr_chest_fuji_mono1_10bit_explicit_440.dcm": "chest film",
    "cr_chest_philips_mono1_15bit_j2k_lossy.dcm": "chest film",
    "cr_konica_mono1_8bit_jpeg_baseline.dcm": "chest film",
    "cr_modality_sequence_lut_mono1_10bit_jpeg_lossless.dcm": "panoramic film of the teeth",
    "mg_ge_mono2_12bit_jpeg_lossless_GH133.dcm": "mammogram",
}
OURS = {
    "cr_extremity_fuji_mono1_10bit_jpeg_lossless.dcm": "lower leg, another device",
    "cr_hip_fuji_mono2_10bit_jpeg_lossless.dcm": "hip, another device",
}
SAMPLES = {
    "693_J2KR.dcm": "head CT, one slice",
    "693_UNCI.dcm": "head CT, one slice",
    "eCT_Supplemental.dcm": "head CT, one slice",
    "bad_sequence.dcm": "trunk CT, one slice",
    "explicit_VR-UN.dcm": "trunk CT, one slice",
    "JPEG-LL.dcm": "bone scan of the body",
    "JPGLosslessP14SV1_1s_1f_8b.dcm": "ultrasound of the heart",
    "MR-SIEMENS-DICOM-WithOverlays.dcm": "MR of the abdomen",
    "MR2_UNCR.dcm": "MR of the shoulder",
    "emri_small.dcm": "MR of the head",
    "liver.dcm": "segmentation of a liver",
    "mlut_18.dcm": "test pattern of a display",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """`pixels` (row, column), bright where more is absorbed; `ours`: the model is for it."""

    what: str
    pixels: Floats
    ours: bool = False


def pictures(data: Path | None = None) -> Iterator[Picture]:
    """All of them that are there. Raises DataNotFound if the data folder has none."""
    folder = root(data) / "dicom"
    if not any(folder.glob("xray/*.dcm")):
        raise DataNotFound(f"found no films of other kinds; expected xray/*.dcm in {folder}")
    for table, ours in ((FILMS, False), (OURS, True)):
        for name, what in table.items():
            yield Picture(what, shown(folder / "xray" / name), ours)
    for path in sorted(folder.glob("ct_tilt_uneven/*.dcm")):
        yield Picture("head CT, one slice", shown(path))
    for name, what in SAMPLES.items():
        if samples := _samples():
            yield Picture(what, shown(samples / name))


def slices(folder: Path) -> NDArray[np.int16]:
    """HU (slice, row, column) of a folder of CT files by height, uneven or not."""
    files = sorted(map(pydicom.dcmread, folder.glob("*.dcm")), key=lambda file: float(file.ImagePositionPatient[2]))
    return np.stack([np.asarray(apply_modality_lut(pixel_array(file), file), np.int16) for file in files])


def shown(path: Path) -> Floats:
    """The first frame as its file says it is to be shown, MONOCHROME1 inverted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # several of these files break a rule or two
        file = pydicom.dcmread(path, force=True)
        grey = np.asarray(
            apply_voi_lut(apply_modality_lut(pixel_array(file, index=0), file), file, index=0), np.float32
        )
    return grey.max() - grey if file.PhotometricInterpretation == "MONOCHROME1" else grey


def _samples() -> Path | None:
    """Where pydicom-data keeps its files; None if it is not installed."""
    package = find_spec("data_store")
    return Path(package.origin).parent / "data" if package and package.origin else None
