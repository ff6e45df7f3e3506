"""What a film must be, and how it is scaled for the net."""

import numpy as np
import pytest

from cdss.models.fracture.film import SIDE, UnreadableFilm, checked, normalise, scaled
from cdss.models.fracture.missing import seen


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (np.zeros((3, 100, 100)), r"found 3 axes, expected 2 \(row, column\); give one grey image at a time"),
        (np.zeros((63, 100)), "found 63 x 100 pixels, expected at least 64 on each side"),
        (np.eye(64, 600), "found 64 x 600 pixels, expected at most 8 times as long as wide"),
        (np.full((100, 100), 7), r"found a constant image \(every pixel 7\), expected an exposed film"),
        (
            np.full((100, 100), np.nan),
            "found pixels that are not finite, expected numbers; mask padding before reading",
        ),
    ],
)
def test_refused_in_words(film: np.ndarray, words: str) -> None:
    with pytest.raises(UnreadableFilm, match=words):
        checked(film)


def test_a_refused_film_is_a_value_error() -> None:
    assert issubclass(UnreadableFilm, ValueError)


def test_any_range_becomes_zero_to_one() -> None:
    film = np.linspace(0, 4095, 100 * 100).reshape(100, 100)
    grey = normalise(checked(film))
    assert grey.min() == 0
    assert grey.max() == 1
    np.testing.assert_allclose(normalise(checked(film * 16 - 300)), grey, atol=1e-5)


def test_one_burned_in_letter_does_not_darken_the_bone() -> None:
    film = np.zeros((400, 400), np.float32)
    film[100:300, 100:300] = 1000
    film[:10, :10] = 60000  # 100 of 160,000 pixels
    assert normalise(film)[200, 200] == 1


def truncated(rows: int) -> np.ndarray:
    """A film of 400 rows of which `rows` were decoded, and half of the row of blocks below them."""
    film = np.random.default_rng(4).normal(20, 4, (400, 300)).clip(0, 60).astype(np.float32)
    film[:, 120:160] = 90
    film[rows : rows + 16, 200:] = 128
    film[rows + 16 :] = 128
    return film


def test_a_truncated_film_ends_where_its_last_whole_row_of_blocks_ends() -> None:
    """A decoder fills what it did not get with one grey: the rest of a row of blocks, and all rows below it."""
    film = truncated(250)
    assert checked(film).shape == (250, 300)
    assert checked(film[:250]).shape == (250, 300)


def test_a_film_of_which_hardly_anything_was_decoded_is_refused() -> None:
    with pytest.raises(UnreadableFilm, match="found 100 decoded rows of 400, the rest is filled; send the film again"):
        checked(truncated(100))


def test_a_dark_end_is_background() -> None:
    film = np.zeros((400, 300), np.float32)
    film[:300, 120:160] = 90
    assert checked(film).shape == film.shape


def test_white_bands_outside_the_collimator_do_not_darken_the_bone() -> None:
    film = np.random.default_rng(4).normal(20, 4, (400, 300)).clip(0, 60).astype(np.float32)
    film[:, 120:160] = 90
    whole = normalise(film)
    film[-20:], film[:, -30:] = 255, 255
    banded = normalise(film)
    assert banded[100, 140] == pytest.approx(whole[100, 140], abs=0.01)


def test_a_film_that_is_white_up_to_its_edge_is_judged_whole() -> None:
    film = np.full((400, 300), 255, np.float32)
    film[:200, :150] = np.linspace(0, 200, 150)
    assert seen(film).mean() > 0.2
    assert normalise(film)[0, 0] == 0


@pytest.mark.parametrize(
    ("film", "net"),
    [
        ((454, 373), (SIDE, 640)),  # 373 x 768 / 454 = 631, to the nearest multiple of 32
        ((819, 1024), (608, SIDE)),  # 614
        ((512, 64), (SIDE, 96)),
    ],
)
def test_the_longest_side_is_scaled_and_both_become_multiples_of_32(
    film: tuple[int, int], net: tuple[int, int]
) -> None:
    ready = scaled(np.ones(film, np.float32))
    assert ready.pixels.shape == net
    assert ready.pixels.min() == pytest.approx(1)  # nothing is padded


def test_boxes_go_back_to_film_pixels_and_stay_on_the_film() -> None:
    ready = scaled(np.ones((SIDE // 2, 100), np.float32))  # twice; 200 becomes 192, so 1.92 along the row
    boxes = np.asarray([[19.2, 40, 96, 200], [-8, -8, 999, 999]], np.float32)
    np.testing.assert_allclose(ready.to_film(boxes), [[10, 20, 50, 100], [0, 0, 100, SIDE // 2]], rtol=1e-6)
