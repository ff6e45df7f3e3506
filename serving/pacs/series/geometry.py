"""How slices lie in the patient (PS3.3 section C.7.6.2.1.1): mm, patient axes LPS (x left, y posterior, z superior)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.serving.pacs.decode.header import Instance

Vector = NDArray[np.float64]
SAME = 0.01  # mm; closer slices are at one position
LONG_AXIS = np.asarray((0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Plane:
    """Where one slice lies: its first pixel, the unit vectors along a row and down a column, the pixel spacing."""

    position: Vector
    along: Vector
    down: Vector
    spacing: tuple[float, float]  # between rows, between columns

    @property
    def normal(self) -> Vector:
        """The unit vector on the slice, by the right-hand rule."""
        product = np.cross(self.along, self.down)
        unit: Vector = product / np.linalg.norm(product)
        return unit


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels of a volume (slice, row, column) are. `step` leads from one slice to the next."""

    origin: Vector  # of pixel (0, 0, 0)
    step: Vector
    down: Vector  # from one row to the next
    along: Vector  # from one column to the next

    def to_patient(self, index: Sequence[float]) -> tuple[float, float, float]:
        """Patient coordinates (x, y, z) in mm of a fractional index (slice, row, column)."""
        x, y, z = self.origin + index[0] * self.step + index[1] * self.down + index[2] * self.along
        return float(x), float(y), float(z)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres between slices, rows, columns."""
        slices, rows, columns = (float(np.linalg.norm(axis)) for axis in (self.step, self.down, self.along))
        return slices, rows, columns


def plane(instance: Instance) -> Plane | None:
    """Where the header places the slice; None if it does not, or if its directions are not unit and perpendicular."""
    if not (instance.position and instance.orientation and instance.spacing and min(instance.spacing) > 0):
        return None
    cosines = np.asarray(instance.orientation, float)
    along, down = cosines[:3], cosines[3:]
    if not np.allclose((along @ along, down @ down, along @ down), (1, 1, 0), atol=0.02):
        return None
    return Plane(np.asarray(instance.position, float), along, down, (instance.spacing[0], instance.spacing[1]))


def heights(planes: Sequence[Plane]) -> Vector:
    """Distance in mm of each slice along the normal of the first."""
    distances: Vector = np.stack([one.position for one in planes]) @ planes[0].normal
    return distances


def from_long_axis(one: Plane) -> float:
    """Degrees between the slice's normal and the body's long axis: 0 axial, 90 coronal or sagittal."""
    return _degrees(abs(float(one.normal @ LONG_AXIS)))


def tilt(ordered: Sequence[Plane]) -> float:
    """Degrees between the normal and the line through the first pixels: 0 unless the gantry was tilted."""
    line = ordered[-1].position - ordered[0].position
    length = float(np.linalg.norm(line))
    return 0.0 if length < SAME else _degrees(abs(float(ordered[0].normal @ line)) / length)


def alike(planes: Sequence[Plane]) -> str:
    """Empty if the slices form a stack, else what differs: `spacing` or `orientation`."""
    if not np.allclose([one.spacing for one in planes], planes[0].spacing, rtol=1e-3):
        return "spacing"
    directions = np.stack([np.concatenate((one.along, one.down)) for one in planes])
    return "" if np.allclose(directions, directions[0], atol=1e-3) else "orientation"


def grid(ordered: Sequence[Plane]) -> Grid:
    """The grid of slices in order of height: at least two, evenly spaced and untilted."""
    first, last = ordered[0], ordered[-1]
    step = (last.position - first.position) / (len(ordered) - 1)
    return Grid(first.position, step, first.down * first.spacing[0], first.along * first.spacing[1])


def _degrees(cosine: float) -> float:
    return float(np.degrees(np.arccos(min(1.0, cosine))))
