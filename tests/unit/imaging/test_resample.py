"""Resizing keeps means, edges and places."""

import numpy as np
import pytest

from cdss.models.resample import along, resize, taps


def dense(given: int, wanted: int, scale: float) -> np.ndarray:
    """The same weights written as a whole matrix: slow and obvious."""
    width = max(1.0, scale)
    place = ((np.arange(wanted) + 0.5) * scale - 0.5).clip(0, given - 1)
    rows = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(given)) / width)
    return rows / rows.sum(1, keepdims=True)


@pytest.mark.parametrize(("given", "wanted"), [(10, 7), (7, 10), (512, 448), (454, 448), (100, 9), (5, 5), (1, 4)])
def test_taps_are_the_rows_of_the_dense_matrix(given: int, wanted: int) -> None:
    inputs, weights = taps(given, wanted, given / wanted)
    matrix = np.zeros((wanted, given))
    for k in range(inputs.shape[1]):
        np.add.at(matrix, (np.arange(wanted), inputs[:, k]), weights[:, k])
    np.testing.assert_allclose(matrix, dense(given, wanted, given / wanted), atol=1e-6)


def test_halving_a_checkerboard_gives_its_mean() -> None:
    board = np.indices((64, 64)).sum(0).astype(np.float32) % 2
    np.testing.assert_allclose(resize(board, (16, 16))[2:-2, 2:-2], 0.5, atol=0.02)


def test_the_same_size_changes_nothing() -> None:
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(resize(image, (3, 4)), image)


def test_doubling_a_ramp_is_the_ramp_between_pixels_and_repeats_the_edge() -> None:
    ramp = np.asarray([0, 1, 2, 3], np.float32)
    np.testing.assert_allclose(along(ramp, 0, 8, 0.5), [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3])
