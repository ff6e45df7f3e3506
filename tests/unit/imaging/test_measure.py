"""Nodules of known size in noise: what is measured, what stays unknown, and that neighbours do not leak in."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cdss.models.lung_nodule.measure import Measured, axes, measure, sized
from cdss.models.lung_nodule.outline import FACTOR, GROWTH, Inside, outline

Floats = NDArray[np.float64]
Shape = Callable[[Floats, Floats, Floats], Floats]  # mm from the middle to mm outside a surface, negative inside

SPACING = (1.25, 0.7, 0.7)
SIZE = (41, 96, 96)
MIDDLE = (20.0, 48.0, 48.0)
LUNG, TISSUE, GLASS, AIR = -860.0, 40.0, -600.0, -1000.0
BLUR_MM = 0.5  # over which a surface fades


def ball(diameter: float, at: tuple[float, float, float] = (0, 0, 0)) -> Shape:
    return lambda z, y, x: np.sqrt((z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2) - diameter / 2


def ellipsoid(long: float, short: float, degrees: float) -> Shape:
    """Long in the slice at an angle, short across it and along the slices."""
    sin, cos = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))

    def outside(z: Floats, y: Floats, x: Floats) -> Floats:
        along, across = cos * x + sin * y, cos * y - sin * x
        scale = np.sqrt((along / long) ** 2 + (across / short) ** 2 + (z / short) ** 2)
        return (scale - 0.5) * short

    return outside


def scan(*parts: tuple[Shape, float], spacing: tuple[float, float, float] = SPACING, seed: int = 1) -> Floats:
    """Lung with noise of 25 HU; later parts lie over earlier ones."""
    axes_mm = [(np.arange(n) - at) * mm for n, at, mm in zip(SIZE, MIDDLE, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes_mm, indexing="ij")
    volume = np.full(SIZE, LUNG)
    for shape, hu in parts:
        share = 1 / (1 + np.exp(shape(z, y, x) / (BLUR_MM / 2)))
        volume += share * (hu - volume)
    return volume + np.random.default_rng(seed).normal(0, 25, SIZE)


def seen_as(diameter: float) -> float:
    """What the net usually says of a nodule of this diameter."""
    return float((diameter / FACTOR) ** (1 / GROWTH))


def measured(volume: Floats, diameter: float, spacing: tuple[float, float, float] = SPACING) -> Measured:
    size = measure(volume, spacing, MIDDLE, seen_as(diameter))
    assert size
    return size


@pytest.mark.parametrize("diameter", [4.0, 6.0, 8.0, 12.0, 20.0, 30.0])
def test_a_ball_is_as_wide_as_it_is_and_solid(diameter: float) -> None:
    size = measured(scan((ball(diameter), TISSUE)), diameter)
    assert size.diameter_mm == pytest.approx(diameter, abs=max(0.8, 0.08 * diameter))
    assert size.long_mm / size.short_mm < 1.15
    assert size.attenuation == "solid"


@pytest.mark.parametrize("diameter", [8.0, 12.0])
def test_a_balls_volume_is_told_where_lung_is_above_and_below_it(diameter: float) -> None:
    size = measured(scan((ball(diameter), TISSUE)), diameter)
    assert size.volume_mm3 == pytest.approx(np.pi / 6 * diameter**3, rel=0.25)


@pytest.mark.parametrize("share", [0.8, 1.25])
def test_the_nets_diameter_is_where_it_starts_and_not_the_answer(share: float) -> None:
    size = measure(scan((ball(10.0), TISSUE)), SPACING, MIDDLE, seen_as(10.0 * share))
    assert size
    assert size.diameter_mm == pytest.approx(10.0, abs=1.2)  # starting 2 mm off


@pytest.mark.parametrize("degrees", [0, 30, 60, 90])
def test_long_and_short_axis_are_found_at_any_angle(degrees: float) -> None:
    size = measured(scan((ellipsoid(14.0, 8.0, degrees), TISSUE)), 11.0)
    assert size.long_mm == pytest.approx(14.0, abs=1.5)
    assert size.short_mm == pytest.approx(8.0, abs=1.3)
    assert size.diameter_mm == (size.long_mm + size.short_mm) / 2


def wall(at_mm: float) -> Shape:
    return lambda _z, _y, x: at_mm - x


def tube(radius: float, along: int) -> Shape:
    def outside(*place: Floats) -> Floats:
        first, second = (axis for number, axis in enumerate(place) if number != along)
        return np.hypot(first, second) - radius

    return outside


@pytest.mark.parametrize("buried", [0.0, 2.0, 4.0])
def test_the_chest_wall_does_not_leak_in(buried: float) -> None:
    size = measured(scan((ball(12.0), TISSUE), (wall(6.0 - buried), TISSUE)), 12.0)
    assert size.diameter_mm == pytest.approx(12.0, abs=2.5)


@pytest.mark.parametrize("along", [0, 1, 2], ids=["through the slices", "down", "across"])
@pytest.mark.parametrize("radius", [1.0, 1.5])
def test_a_vessel_does_not_leak_in(along: int, radius: float) -> None:
    size = measured(scan((ball(9.0), TISSUE), (tube(radius, along), TISSUE)), 9.0)
    assert size.diameter_mm == pytest.approx(9.0, abs=1.5)


@pytest.mark.parametrize("diameter", [7.0, 12.0, 20.0])
def test_ground_glass_is_measured_too(diameter: float) -> None:
    size = measured(scan((ball(diameter), GLASS)), diameter)
    assert size.attenuation == "ground-glass"
    assert size.diameter_mm == pytest.approx(diameter, abs=max(1.2, 0.12 * diameter))


def test_a_solid_core_in_ground_glass_is_part_solid() -> None:
    size = measured(scan((ball(16.0), GLASS), (ball(8.0), TISSUE)), 16.0)
    assert size.attenuation == "part-solid"
    assert size.diameter_mm == pytest.approx(16.0, abs=2.5)


def test_the_air_of_a_cavity_is_inside_but_no_tissue() -> None:
    size = measured(scan((ball(16.0), TISSUE), (ball(9.0), AIR)), 16.0)
    assert size.diameter_mm == pytest.approx(16.0, abs=2.0)
    assert size.attenuation == "solid"


def test_small_pale_nodules_are_of_no_told_kind() -> None:
    assert measured(scan((ball(4.0), -450.0)), 4.0).attenuation is None


def test_nothing_there_is_not_measured() -> None:
    assert measure(scan(), SPACING, MIDDLE, 6.0) is None


def test_a_nodule_that_is_largest_at_the_end_of_the_volume_has_no_size() -> None:
    half = scan((ball(10.0), TISSUE))[20:]
    at = (0.0, MIDDLE[1], MIDDLE[2])
    assert measure(half, SPACING, at, seen_as(10.0)) is None
    excerpt = measure(half, SPACING, at, seen_as(10.0), excerpt=True)
    assert excerpt
    assert excerpt.diameter_mm == pytest.approx(10.0, abs=1.0)


def test_a_nodule_cut_at_the_end_of_the_volume_has_axes_but_no_volume() -> None:
    cut = scan((ball(10.0), TISSUE))[18:]  # its middle is the third slice
    size = measure(cut, SPACING, (2.0, MIDDLE[1], MIDDLE[2]), seen_as(10.0))
    assert size
    assert size.diameter_mm == pytest.approx(10.0, abs=1.0)
    assert size.volume_mm3 is None


def test_a_nodule_in_the_corner_of_the_image_is_measured() -> None:
    volume = scan((ball(8.0, at=(0.0, -30.0, -30.0)), TISSUE))
    size = measure(volume, SPACING, (20.0, 48 - 30 / 0.7, 48 - 30 / 0.7), seen_as(8.0))
    assert size
    assert size.diameter_mm == pytest.approx(8.0, abs=1.2)


@pytest.mark.parametrize("spacing", [(5.0, 0.7, 0.7), (0.6, 0.5, 0.5), (2.5, 0.9, 0.6)])
def test_any_spacing_gives_the_same_size(spacing: tuple[float, float, float]) -> None:
    size = measured(scan((ball(12.0), TISSUE), spacing=spacing), 12.0, spacing)
    assert size.diameter_mm == pytest.approx(12.0, abs=1.2)


def test_thin_slices_are_skipped_and_not_all_kept() -> None:
    volume = np.zeros((400, 96, 96), np.int16)
    assert len(outline(volume, (0.3, 0.7, 0.7), (200, 48, 48), 25.0).grid.slices) < 40


def test_the_order_of_the_slices_changes_nothing() -> None:
    volume = scan((ball(9.0), TISSUE), (tube(1.0, 1), TISSUE))
    assert measure(volume, SPACING, MIDDLE, 6.5) == measure(volume[::-1], SPACING, MIDDLE, 6.5)


def test_what_the_net_says_is_inside_is_heard() -> None:
    volume = scan((ball(12.0), TISSUE), (wall(3.0), TISSUE))
    rows, columns = (np.mgrid[:48, :48] + 0.5) * 1.4 - 48.5 * 0.7
    share = (np.hypot(rows, columns) < 6.0).astype(np.float32)
    said = tuple(Inside(number, (0.0, 0.0), share) for number in range(16, 25))
    size = measure(volume, SPACING, MIDDLE, seen_as(12.0), said)
    assert size
    assert size.diameter_mm == pytest.approx(12.0, abs=1.2)


def test_without_a_measure_the_nets_diameter_stands_and_says_so() -> None:
    plain = sized(scan(), SPACING, 0.9, MIDDLE, 6.0)
    assert (plain.measured, plain.diameter_mm, plain.long_mm, plain.attenuation) == (False, 6.0, None, None)
    found = sized(scan((ball(8.0), TISSUE)), SPACING, 0.9, MIDDLE, 6.0)
    assert (found.measured, found.attenuation) == (True, "solid")
    assert found.long_mm
    assert found.short_mm
    assert found.diameter_mm == pytest.approx((found.long_mm + found.short_mm) / 2)


def test_axes_are_widths_between_parallel_lines() -> None:
    bar = np.zeros((20, 20), bool)
    bar[4:14, 8:12] = True  # 10 by 4 px: from corner to corner 10.8
    assert axes(bar, 0.5)[0] == pytest.approx(10.8 * 0.5, abs=0.2)
    rows, columns = np.mgrid[:64, :64] - 31.5
    assert axes(np.hypot(rows, columns) <= 20, 1.0) == pytest.approx((40, 40), abs=1.0)
