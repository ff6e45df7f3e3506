"""Components, lungs, stacks and peaks on made volumes."""

import numpy as np
import pytest

from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.components import label
from cdss.models.lung_nodule.peaks import merged, peaks
from cdss.models.lung_nodule.slabs import slabs
from cdss.models.lung_nodule.stack import DEPTH, resampled, stack, windowed
from cdss.models.lung_nodule.volume import LungNotFound, UnreadableVolume, checked

SPACING = (2.5, 0.7, 0.7)


def chest(slices: int = 12, side: int = 256) -> np.ndarray:
    """A body in air with two lungs, as HU (slice, row, column)."""
    y, x = np.mgrid[:side, :side] / side - 0.5
    plane = np.full((side, side), -1000, np.int16)
    plane[(x / 0.45) ** 2 + (y / 0.35) ** 2 < 1] = 40
    for middle in (-0.19, 0.19):
        plane[((x - middle) / 0.13) ** 2 + (y / 0.22) ** 2 < 1] = -850
    return np.repeat(plane[None], slices, axis=0)


def flood(mask: np.ndarray) -> int:
    """Number of components, by the plainest flood fill."""
    left, count = set(map(tuple, np.argwhere(mask))), 0
    while left:
        count += 1
        waiting = [left.pop()]
        while waiting:
            voxel = waiting.pop()
            for axis in range(mask.ndim):
                for way in (-1, 1):
                    near = tuple(v + way * (i == axis) for i, v in enumerate(voxel))
                    if near in left:
                        left.remove(near)
                        waiting.append(near)
    return count


def test_components_touch_by_faces_not_corners() -> None:
    labels = label(np.asarray([[1, 1, 0], [0, 0, 1], [1, 0, 1]], bool))
    assert labels.tolist() == [[0, 0, -1], [-1, -1, 5], [6, -1, 5]]


@pytest.mark.parametrize("share", [0.2, 0.35, 0.6])
def test_as_many_components_as_a_flood_fill_finds(share: float) -> None:
    mask = np.random.default_rng(3).random((7, 9, 11)) < share
    labels = label(mask)
    assert len(np.unique(labels[mask])) == flood(mask)
    assert (labels[~mask] == -1).all()


def test_a_long_snake_is_one_component() -> None:
    snake = np.zeros((41, 40), bool)
    snake[::2] = True
    snake[1::4, -1] = snake[3::4, 0] = True
    assert np.unique(label(snake)[snake]).tolist() == [0]


def test_both_lungs_are_found_and_the_air_around_is_not() -> None:
    found = lung.find(chest(), SPACING)
    inside = found.inside(np.asarray([[6, 128, 79], [6, 128, 177], [6, 10, 10], [6, 128, 20]], float))
    assert inside.tolist() == [True, True, False, False]


def test_a_nodule_on_the_chest_wall_is_inside_the_closed_lung() -> None:
    volume = chest()
    volume[5:8, 118:138, 45:58] = 40  # 9 mm deep into the lung from its outer edge
    assert lung.find(volume, SPACING).inside(np.asarray([[6, 128, 52]], float)).all()


@pytest.mark.parametrize("volume", [np.full((12, 256, 256), 40, np.int16), np.full((12, 256, 256), -1000, np.int16)])
def test_no_lung_is_an_error_in_words(volume: np.ndarray) -> None:
    with pytest.raises(LungNotFound, match="found 0 cm2 of lung in the best slice, expected at least 25"):
        lung.find(volume, SPACING)


@pytest.mark.parametrize(
    ("shape", "spacing", "words"),
    [
        ((256, 256), SPACING, r"found 2 axes, expected 3 \(slice, row, column\)"),
        ((7, 256, 256), SPACING, "found 7 slices, expected at least 8"),
        ((8, 63, 256), SPACING, "found slices of 63 x 256 pixels, expected at least 64 on each side"),
        ((8, 256, 256), (10.0, 0.7, 0.7), "found slice spacing 10 mm, expected 0.3 to 6 mm"),
        ((8, 256, 256), (1.0, 0.7, 7.0), "found column spacing 7 mm, expected 0.3 to 1.5 mm"),
        ((8, 256, 256), (1.0, float("nan"), 0.7), "found row spacing nan mm, expected 0.3 to 1.5 mm"),
    ],
)
def test_refused_in_words(shape: tuple[int, ...], spacing: tuple[float, float, float], words: str) -> None:
    with pytest.raises(UnreadableVolume, match=words):
        checked(np.zeros(shape, np.int16), spacing)


def test_the_lung_window_is_zero_to_one() -> None:
    assert windowed(np.asarray([-3024, -1000, -425, 150, 3000])).tolist() == [0, 0, 0.5, 1, 1]


def test_a_stack_interpolates_between_slices_and_is_empty_beyond_them() -> None:
    slices = np.arange(2, 9, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    assert stack(slices, 3, slice_mm=2.5)[:, 0, 0].tolist() == [3.5, 4, 4.5, 5, 5.5, 6, 6.5]  # 1.25 mm is half a slice
    assert stack(slices, 1, slice_mm=1.25)[:, 0, 0].tolist() == [0, 0, 2, 3, 4, 5, 6]
    assert stack(slices, 6, slice_mm=2.5)[:, 0, 0].tolist() == [6.5, 7, 7.5, 8, 8, 0, 0]  # half a slice beyond is known


def test_pixels_become_seven_tenths_of_a_millimetre_in_multiples_of_sixteen() -> None:
    volume = np.ones((2, 100, 90), np.float32)
    assert resampled(volume, (0.7, 1.4)).shape == (2, 112, 192)  # 100 -> 112; 90 x 2 = 180 -> 192


def test_slabs_are_cut_to_the_lungs_and_two_millimetres_apart() -> None:
    volume = chest(slices=20)
    given = list(slabs(volume, (1.0, 0.7, 0.7), lung.find(volume, (1.0, 0.7, 0.7))))
    assert [slab.slice for slab in given] == list(range(0, 20, 2))
    assert {slab.stack.shape[0] for slab in given} == {DEPTH}
    assert all(slab.stack.shape[1] < 256 and slab.corner > (0, 0) for slab in given)


def test_a_peak_is_no_lower_than_its_eight_neighbours() -> None:
    scores = np.asarray([[0.1, 0.2, 0.1], [0.2, 0.9, 0.2], [0.1, 0.2, 0.8]], np.float32)
    assert peaks(scores, 0.5).tolist() == [[1, 1]]
    assert peaks(np.zeros((3, 3), np.float32), 0.5).tolist() == []


def test_peaks_of_neighbouring_slices_are_one_nodule() -> None:
    """Three peaks 2 mm apart along the slices are one 10 mm nodule; one 30 mm away is another."""
    scores = np.asarray([0.5, 1.0, 0.5, 0.6], np.float32)
    places = np.asarray([[0, 10, 10], [2, 10, 11], [4, 10, 10], [2, 40, 10]], np.float32)
    first, second = merged(scores, places, np.asarray([8, 10, 8, 5], np.float32))
    assert (first.score, first.place, first.diameter_mm) == (1.0, (2.0, 10.0, 11.0), 10.0)
    assert second.place == (2.0, 40.0, 10.0)


def test_the_wider_of_two_peaks_says_how_near_is_near() -> None:
    """8 mm apart: one nodule where either is 12 mm wide (0.75 x 12 = 9), two where both are 8 mm (0.75 x 8 = 6)."""
    places, scores = np.asarray([[0, 0, 0], [8, 0, 0]], np.float32), np.asarray([0.9, 0.8], np.float32)
    assert [len(merged(scores, places, np.asarray([8, wide], np.float32))) for wide in (12, 8)] == [1, 2]


@pytest.mark.parametrize(("between", "nodules"), [(0.3, 1), (0.1, 2)])
def test_a_chain_of_peaks_is_one_nodule_if_none_of_them_is_faint(between: float, nodules: int) -> None:
    scores = np.asarray([0.9, between, 0.8], np.float32)
    places = np.asarray([[0, 0, 0], [5, 0, 0], [9.5, 0, 0]], np.float32)
    assert len(merged(scores, places, np.full(3, 6, np.float32))) == nodules


def test_a_chain_ends_twelve_millimetres_from_its_strongest_peak() -> None:
    places = np.zeros((6, 3), np.float32)
    places[:, 0] = np.arange(6) * 5
    assert len(merged(np.linspace(0.9, 0.5, 6, dtype=np.float32), places, np.full(6, 5, np.float32))) == 2


def test_a_nodule_lies_between_its_slices_by_score() -> None:
    scores = np.asarray([0.9, 0.3], np.float32)
    (one,) = merged(scores, np.asarray([[0, 0, 0], [4, 0, 0]], np.float32), np.asarray([6, 6], np.float32))
    assert one.place[0] == pytest.approx((0.9 * 0 + 0.3 * 4) / 1.2)
