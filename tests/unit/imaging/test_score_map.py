"""Score maps: what a net saw, small enough to travel, laid exactly over the image it was read from."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from cdss.models import fracture, lung_nodule
from cdss.models.lung_nodule.reading import _map
from cdss.models.lung_nodule.slabs import Slab
from cdss.models.lung_nodule.stack import CELL_MM
from cdss.models.score_map import LEVELS, ScoreMap, score_map

FILM_BOX = (0.0, 0.0, 40.0, 24.0)


@pytest.mark.parametrize(
    ("score", "told"), [(0.0, 0.0), (1.0, 1.0), (0.256, 0.26), (1.2, 1.0), (-0.1, 0.0), (0.004, 0.0)]
)
def test_a_score_is_told_to_two_decimals(score: float, told: float) -> None:
    assert score_map(np.full((3, 5), score, np.float32), FILM_BOX).scores() == pytest.approx(np.full((3, 5), told))


def test_rows_and_columns_keep_their_order() -> None:
    scores = np.zeros((3, 5), np.float32)
    scores[1, 4] = 1
    assert np.argwhere(score_map(scores, FILM_BOX).scores() == 1).tolist() == [[1, 4]]


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (b"no zlib", "cannot unpack"),
        (zlib.compress(b"123"), "2 x 2"),
        (zlib.compress(bytes(10**6)), "2 x 2"),
        (zlib.compress(b"\0\0\0\xff"), "a cell of 255, expected at most 100"),
    ],
    ids=["not compressed", "too few", "a bomb", "a score above 1"],
)
def test_a_damaged_map_is_refused(packed: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ScoreMap(2, 2, packed, FILM_BOX).scores()


def test_the_map_of_a_film_covers_it_and_is_highest_in_the_best_box() -> None:
    pixels = np.random.default_rng(4).normal(200, 20, (600, 400))
    pixels[50:550, 150:190] += 900
    pixels[300:312, 150:190] -= 700
    reading = fracture.load().read(pixels, 0.0)
    assert reading.map is not None
    assert reading.map.box == (0, 0, 400, 600)
    scores, best = reading.map.scores(), reading.findings[0]
    assert scores.max() == pytest.approx(best.score, abs=1 / LEVELS), "the best box is the best cell's"
    row, column = (at + 0.5 for at in np.unravel_index(scores.argmax(), scores.shape))
    x, y = column * 400 / scores.shape[1], row * 600 / scores.shape[0]
    assert best.box[0] - 16 < x < best.box[2] + 16
    assert best.box[1] - 16 < y < best.box[3] + 16


def test_cells_of_a_slice_lie_where_its_peaks_are_placed() -> None:
    slab = Slab(np.zeros((7, 32, 48), np.float32), 9, (100, 60))
    spacing = (1.25, 0.7, 0.5)
    placed = _map(slab, np.zeros((16, 24), np.float32), spacing)
    assert placed.slice == 9
    assert placed.box == pytest.approx((60, 100, 60 + 24 * CELL_MM / 0.5, 100 + 16 * CELL_MM / 0.7))


def test_every_slice_that_was_looked_at_has_its_map_and_each_is_small() -> None:
    volume = np.full((24, 160, 160), -1000, np.int16)
    y, x = np.mgrid[:160, :160]
    volume[:, np.hypot(y - 80, x - 80) < 76] = 40
    for middle in (50, 110):
        volume[:, np.hypot((y - 80) / 1.6, x - middle) < 24] = -850
    reading = lung_nodule.load().detect(volume, (1.25, 2 * 0.7, 2 * 0.7), 0.99)
    slices = [one.slice for one in reading.maps if one.slice is not None]
    assert len(slices) == len(reading.maps)
    assert slices == sorted(set(slices))
    assert len(slices) >= 24 * 1.25 / 2.5
    assert sum(len(one.packed) for one in reading.maps) < 4_000 * len(slices)


def test_a_map_is_a_value() -> None:
    one = score_map(np.eye(4, dtype=np.float32), FILM_BOX)
    assert one == replace(one)
    assert one != replace(one, slice=3)
