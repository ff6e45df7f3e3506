"""What the model is given of a crop: its nodule as a detector would mark it, not as the readers outlined it."""

import zlib

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import lidc
from cdss.models.lung_nodule_malignancy.window import LEAST_MM, MOST_MM, window

SHIFT_MM = 1.5  # standard deviation of a detector's middle from the true one, along each axis
SIZE_OFF = 0.15  # the same of the logarithm of its diameter


def largest(crop: lidc.Crop) -> int:
    """The slice that shows most of the nodule, by two readers, else by any; the crop's middle where none shows it."""
    marks = lidc.marks(crop)
    for readers in (2, 1):
        areas = (marks >= readers).sum(axis=(1, 2))
        if areas.any():
            return int(areas.argmax())
    return len(marks) // 2


def given(crop: lidc.Crop) -> tuple[NDArray[np.float32], float]:
    """The nodule's window and diameter in mm, both as far off as a detector's; always the same ones.

    The nodule is in the middle of the crop; its outlines only say in which slice.
    """
    off = np.random.default_rng(zlib.crc32(crop.name.encode())).normal(0, 1, 4)
    slice_ = largest(crop) + off[0] * SHIFT_MM / crop.thick_mm
    row, column = (lidc.SIDE - 1) / 2 + off[1:3] * SHIFT_MM / crop.pixel_mm
    diameter_mm = float(np.clip(crop.diameter_mm * np.exp(off[3] * SIZE_OFF), LEAST_MM, MOST_MM))
    seen = window(
        lidc.hounsfield(crop),
        (crop.thick_mm, crop.pixel_mm, crop.pixel_mm),
        (float(np.clip(slice_, 0, len(crop.slope) - 1)), float(row), float(column)),
        diameter_mm,
    )
    return seen, diameter_mm
