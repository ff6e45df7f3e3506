"""Where a voxel lies in the patient: LPS millimetres (PS3.3 section C.7.6.2.1.1)."""

import numpy as np
import pytest

from cdss.serving.pacs.series import geometry
from cdss.serving.pacs.series.geometry import Plane

AXIAL = ((1, 0, 0), (0, 1, 0))


def plane(z: float, along: tuple[float, ...] = AXIAL[0], down: tuple[float, ...] = AXIAL[1]) -> Plane:
    return Plane(np.asarray((-180.0, -170.0, z)), np.asarray(along, float), np.asarray(down, float), (0.5, 0.7))


def test_the_first_voxel_lies_at_the_first_slices_position() -> None:
    grid = geometry.grid([plane(-100), plane(-97.5), plane(-95)])
    assert grid.to_patient((0, 0, 0)) == (-180, -170, -100)


def test_columns_lead_left_rows_lead_back_slices_lead_up() -> None:
    grid = geometry.grid([plane(-100), plane(-97.5), plane(-95)])
    assert grid.to_patient((2, 30, 40)) == pytest.approx((-180 + 40 * 0.7, -170 + 30 * 0.5, -100 + 2 * 2.5))
    assert grid.spacing == pytest.approx((2.5, 0.5, 0.7))


def test_a_patient_on_the_belly_has_the_axes_turned() -> None:
    grid = geometry.grid([plane(z, (-1, 0, 0), (0, -1, 0)) for z in (0, 1)])
    assert grid.to_patient((0, 10, 10)) == pytest.approx((-180 - 7, -170 - 5, 0))


def test_slices_are_ordered_from_feet_to_head_however_they_were_numbered() -> None:
    descending = [plane(z) for z in (5, 2.5, 0)]
    assert np.argsort(geometry.heights(descending)).tolist() == [2, 1, 0]


def test_an_oblique_stack_keeps_its_own_axis() -> None:
    """Slices turned by 10 degrees about the x axis and stacked along their normal: no tilt, oblique positions."""
    sine, cosine = np.sin(np.radians(10)), np.cos(np.radians(10))
    normal = np.asarray((0, -sine, cosine))
    planes = [Plane(n * 3.0 * normal, np.asarray((1.0, 0, 0)), np.asarray((0, cosine, sine)), (1, 1)) for n in range(5)]
    assert geometry.tilt(planes) == pytest.approx(0, abs=1e-6)
    assert geometry.from_long_axis(planes[0]) == pytest.approx(10)
    assert geometry.grid(planes).to_patient((4, 0, 0)) == pytest.approx(tuple(12 * normal))


def test_a_tilted_gantry_moves_slices_off_their_normal() -> None:
    sine, cosine = np.sin(np.radians(18.5)), np.cos(np.radians(18.5))
    planes = [plane(z, down=(0, cosine, sine)) for z in (0, 4, 8)]
    assert geometry.tilt(planes) == pytest.approx(18.5)


def test_coronal_slices_are_ninety_degrees_off() -> None:
    assert geometry.from_long_axis(plane(0, (1, 0, 0), (0, 0, -1))) == pytest.approx(90)
