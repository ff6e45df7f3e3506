"""Average precision and ranking, worked out by hand."""

import numpy as np
import pytest

from cdss.evaluation.detection import average_precision, found_at, matches, pointed_at, precisions
from cdss.evaluation.overlap import overlaps
from cdss.evaluation.ranking import auc, level_at_specificity, sensitivity_at_specificity

A, B, FAR = [0, 0, 10, 10], [100, 100, 110, 110], [50, 50, 60, 60]


def test_overlap_table() -> None:
    table = overlaps(np.asarray([A, B]), np.asarray([A, [0, 0, 10, 20]]))
    np.testing.assert_allclose(table, [[1, 0.5], [0, 0]])


def test_a_wanted_box_is_given_once_and_to_the_better_score() -> None:
    found = np.asarray([A, A, FAR])
    (hits,) = matches([np.asarray([0.5, 0.9, 0.7])], [found], [np.asarray([A])], 0.5)
    assert hits.tolist() == [0, 1, 0]


def test_nothing_wanted_every_box_is_false() -> None:
    (hits,) = matches([np.asarray([0.5])], [np.asarray([A])], [np.empty((0, 4))], 0.5)
    assert hits.tolist() == [0]


def test_average_precision_by_hand() -> None:
    """Scores .9 hit, .8 miss, .7 hit; 3 fractures wanted.

    recall 1/3 at precision 1, recall 2/3 at precision 2/3, recall 1 never reached.
    Of 101 recalls, 0 to .33 (34 points) have precision 1, .34 to .66 (33 points) have 2/3, the rest 0.
    """
    value = average_precision(np.asarray([0.7, 0.9, 0.8]), np.asarray([1.0, 1.0, 0.0]), 3)
    assert value == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)


def test_the_drawn_precisions_are_those_behind_it() -> None:
    """The same example, at recall 0, a third, two thirds, 1."""
    best = precisions(np.asarray([0.7, 0.9, 0.8]), np.asarray([1.0, 1.0, 0.0]), 3)
    assert best[[0, 33, 34, 66, 67, 100]] == pytest.approx([1, 1, 2 / 3, 2 / 3, 0, 0])


def test_a_fracture_is_found_by_its_best_box_and_pointed_at_by_a_middle_inside() -> None:
    scores, boxes = np.asarray([0.9, 0.5, 0.3]), np.asarray([[-10, -10, 20, 20], A, FAR])
    assert found_at(scores, boxes, np.asarray([A, B]), 0.5).tolist() == [0.5, -np.inf]  # the first is 9 times as large
    assert pointed_at(scores, boxes, np.asarray([A, B])).tolist() == [0.9, -np.inf]
    assert found_at(np.empty(0), np.empty((0, 4)), np.asarray([A]), 0.5).tolist() == [-np.inf]


def test_average_precision_at_its_ends() -> None:
    assert average_precision(np.asarray([0.9]), np.asarray([1.0]), 1) == 1
    assert average_precision(np.asarray([0.9]), np.asarray([0.0]), 1) == 0
    assert average_precision(np.empty(0), np.empty(0), 1) == 0
    assert np.isnan(average_precision(np.empty(0), np.empty(0), 0))


def test_auc_is_the_share_of_pairs_in_order() -> None:
    scores, events = np.asarray([1.0, 2, 2, 3]), np.asarray([False, True, False, True])
    # pairs (event, other): (2,1) in order, (2,2) tie, (3,1), (3,2) in order -> 3.5 of 4
    assert auc(scores, events) == 3.5 / 4
    assert np.isnan(auc(scores, np.ones(4, bool)))


def test_auc_equals_counting_all_pairs() -> None:
    generator = np.random.default_rng(1)
    scores, events = generator.integers(0, 9, 80).astype(float), generator.random(80) < 0.3
    above = scores[events][:, None] - scores[~events][None, :]
    assert auc(scores, events) == pytest.approx(((above > 0) + 0.5 * (above == 0)).mean())


def test_sensitivity_where_nine_in_ten_others_stay_below() -> None:
    others = np.arange(10.0)  # one of them, 9, may exceed the level
    scores = np.concatenate([others, [8.0, 8.5, 20.0]])
    events = np.arange(13) >= 10
    assert level_at_specificity(scores, events, 0.9) == 8
    assert sensitivity_at_specificity(scores, events, 0.9) == 2 / 3  # 8 itself is not above 8
    assert np.isnan(sensitivity_at_specificity(scores, np.ones(13, bool), 0.9))
