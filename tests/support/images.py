"""Small films, written to order."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, CTImageStorage, ExplicitVRLittleEndian, generate_uid


def image(path: Path, **attributes: Any) -> Path:
    """A small film of a hand in plain encoding; `attributes` replace or (None) remove what it says."""
    pixels = attributes.pop("pixels", np.add.outer(np.arange(80), np.arange(96)).astype(np.uint16) * 8)
    dataset = Dataset()
    for keyword, value in {**_film(pixels), **attributes}.items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return path


def _film(pixels: np.ndarray) -> dict[str, Any]:
    return {
        "SOPClassUID": ComputedRadiographyImageStorage, "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), "Modality": "CR",
        "PatientID": "P1", "PatientName": "Test^One", "PatientBirthDate": "19600101", "PatientSex": "F",
        "BodyPartExamined": "HAND", "ImageType": ["ORIGINAL", "PRIMARY"], "Rows": pixels.shape[0],
        "Columns": pixels.shape[1], "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0,
        "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
    }  # fmt: skip
