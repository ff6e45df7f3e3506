"""A CT made ready for the net: what is refused, and why."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable

Volume = NDArray[np.int16]

FEWEST_SLICES = 8
SMALLEST = 64  # px on each side of a slice
PLANE_MM = (0.3, 1.5)  # plausible pixel spacing of a chest CT
SLICE_MM = (0.3, 6.0)  # plausible distance of slices; above it a nodule falls between two


class UnreadableVolume(ValueError):
    """The array is not a chest CT this model can read."""


class LungNotFound(UnreadableVolume, NotApplicable):
    """No lung was found in the volume."""


def checked(volume: NDArray[Any], spacing_mm: tuple[float, float, float]) -> Volume:
    """The volume (slice, row, column) as int16 HU; UnreadableVolume says what was found and what was expected."""
    if volume.ndim != 3:
        raise UnreadableVolume(f"found {volume.ndim} axes, expected 3 (slice, row, column)")
    if volume.shape[0] < FEWEST_SLICES:
        raise UnreadableVolume(f"found {volume.shape[0]} slices, expected at least {FEWEST_SLICES}")
    if min(volume.shape[1:]) < SMALLEST:
        raise UnreadableVolume(
            f"found slices of {volume.shape[1]} x {volume.shape[2]} pixels, expected at least {SMALLEST} on each side"
        )
    _check_spacing(spacing_mm)
    return volume.astype(np.int16, copy=False)


def _check_spacing(spacing_mm: tuple[float, float, float]) -> None:
    for axis, found, (least, most) in zip(
        ("slice", "row", "column"), spacing_mm, (SLICE_MM, PLANE_MM, PLANE_MM), strict=True
    ):
        if not least <= found <= most:
            raise UnreadableVolume(f"found {axis} spacing {found:g} mm, expected {least:g} to {most:g} mm")
