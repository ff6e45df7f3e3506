"""Decoding, overlap and suppression on boxes that can be checked by eye."""

import numpy as np

from cdss.models.fracture.boxes import averaged, decode, overlap, suppress


def test_distances_are_from_the_middle_of_the_cell() -> None:
    distances = np.zeros((4, 2, 3), np.float32)
    distances[:, 1, 2] = (1, 2, 3, 4)  # left, top, right, bottom
    boxes = decode(distances)
    assert boxes.shape == (6, 4)
    assert boxes[5].tolist() == [20 - 1, 12 - 2, 20 + 3, 12 + 4]  # row 1 -> y 12, column 2 -> x 20


def test_overlap_of_halves_quarters_and_strangers() -> None:
    box = np.asarray([0, 0, 2, 2], np.float32)
    others = np.asarray([[0, 0, 2, 2], [1, 0, 3, 2], [1, 1, 3, 3], [5, 5, 6, 6], [0, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(overlap(box, others), [1, 2 / 6, 1 / 7, 0, 0])


def test_the_best_box_silences_those_that_overlap_it() -> None:
    boxes = np.asarray([[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]], np.float32)
    assert suppress(boxes, np.asarray([0.8, 0.9, 0.1], np.float32), 0.5, 10).tolist() == [1, 2]


def test_only_so_many_are_kept() -> None:
    boxes = np.asarray([[i * 20, 0, i * 20 + 10, 10] for i in range(5)], np.float32)
    assert suppress(boxes, np.asarray([1, 5, 3, 2, 4], np.float32), 0.5, 2).tolist() == [1, 4]


def test_nothing_in_nothing_out() -> None:
    assert suppress(np.empty((0, 4), np.float32), np.empty(0, np.float32), 0.5, 5).tolist() == []


def test_a_kept_box_is_the_mean_of_those_like_it_by_score() -> None:
    boxes = np.asarray([[0, 0, 10, 10], [2, 0, 12, 10], [20, 20, 30, 30]], np.float32)
    scores = np.asarray([0.9, 0.3, 0.5], np.float32)
    means = averaged(boxes, scores, np.asarray([0, 2]), 0.5)
    np.testing.assert_allclose(means, [[(0 * 0.9 + 2 * 0.3) / 1.2, 0, (10 * 0.9 + 12 * 0.3) / 1.2, 10], boxes[2]])
