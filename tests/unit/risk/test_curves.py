"""Curves against what must hold of them, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from cdss.evaluation.curves import calibrated, panel, tenths
from cdss.evaluation.metrics import (
    brier,
    brier_scaled,
    calibration,
    in_the_large,
    logit,
    net_benefit,
    observed_expected,
    treating_all,
)
from cdss.evaluation.ranked import probabilities, subgroups
from cdss.evaluation.smooth import Smooth
from cdss.evaluation.tally import Score


def believable(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Events that happen exactly as often as their probabilities say."""
    generator = np.random.default_rng(seed)
    probability = 1 / (1 + np.exp(-generator.normal(-2.5, 1.2, count)))
    return (generator.random(count) < probability).astype(np.int64), probability


EVENT, PROBABILITY = believable(3000)
ROUGH = np.round(PROBABILITY, 2)  # with ties


def test_auc_and_brier_are_those_of_scikit_learn() -> None:
    assert Score(EVENT, ROUGH).tally().auc() == pytest.approx(roc_auc_score(EVENT, ROUGH), abs=1e-12)
    assert brier(EVENT, ROUGH) == pytest.approx(brier_score_loss(EVENT, ROUGH), abs=1e-12)


def test_a_weighted_draw_is_the_same_as_its_rows_written_out() -> None:
    weights = np.random.default_rng(1).integers(0, 4, 3000)
    rows = np.repeat(np.arange(3000), weights)
    drawn = Score(EVENT, ROUGH).tally(weights.astype(float))
    seen = (drawn.events, drawn.value, drawn.people)
    assert drawn.auc() == pytest.approx(roc_auc_score(EVENT[rows], ROUGH[rows]), abs=1e-12)
    for metric in (brier, brier_scaled, observed_expected, in_the_large):
        assert metric(*seen) == pytest.approx(metric(EVENT[rows], ROUGH[rows]), rel=1e-9), metric.__name__
    assert calibration(*seen) == pytest.approx(calibration(EVENT[rows], ROUGH[rows]), rel=1e-9)
    plain = net_benefit(EVENT[rows], ROUGH[rows], 0.1)
    assert net_benefit(drawn.events, drawn.value, 0.1, drawn.people) == pytest.approx(plain, rel=1e-9)


def test_telling_everybody_the_overall_share_scores_nought_and_certainty_one() -> None:
    event = np.array([1, 0, 0, 0])
    assert brier_scaled(event, np.full(4, 0.25)) == pytest.approx(0)
    assert brier_scaled(event, np.array([1.0, 0, 0, 0])) == 1


def test_calibration_in_the_large_undoes_a_shift_of_every_logit() -> None:
    event = np.repeat([1, 0], [30, 70])
    assert in_the_large(event, np.full(100, 0.3)) == pytest.approx(0, abs=1e-9)
    doubled_odds = np.full(100, 0.6 / 1.3)
    assert in_the_large(event, doubled_odds) == pytest.approx(-np.log(2))
    assert in_the_large(event, np.full(100, 1e-5)) == pytest.approx(np.log(3 / 7) - logit(np.array([1e-5]))[0])


def test_calibration_in_the_large_is_not_the_intercept_beside_a_free_slope() -> None:
    extreme = 1 / (1 + np.exp(-2 * logit(PROBABILITY)))
    intercept, slope = calibration(EVENT, extreme)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert intercept == pytest.approx(0, abs=0.15)  # the logit is doubled about nought, not moved
    assert in_the_large(EVENT, extreme) > 1  # and yet far too few events are predicted


@pytest.mark.parametrize("bad", [np.zeros(5, np.int64), np.ones(5, np.int64)])
def test_without_both_kinds_of_people_nothing_is_defined(bad: np.ndarray) -> None:
    assert np.isnan(in_the_large(bad, np.full(5, 0.5)))
    assert np.isnan(brier_scaled(bad, np.full(5, 0.5)))
    assert np.isnan(Smooth(Score(bad, np.linspace(0.1, 0.9, 5)).tally()).distance(Score(bad, np.ones(5)).tally()).ici)


def test_acting_on_everybody_is_worth_the_share_of_events_less_the_others_at_the_odds() -> None:
    event = np.array([1] * 20 + [0] * 80)
    assert treating_all(0.2, 0.1) == pytest.approx(0.2 - 0.8 / 9)
    assert net_benefit(event, np.ones(100), 0.1) == pytest.approx(treating_all(0.2, 0.1))
    assert treating_all(0.2, 0.2) == pytest.approx(0)  # at a threshold of the share of events itself


def test_the_calibration_of_believable_probabilities_is_the_diagonal_within_its_band() -> None:
    event, probability = believable(20_000, seed=3)
    found = calibrated(Score(event, probability), repeats=100)
    x, low, high = (np.array(each) for each in (found.x, found.low, found.high))
    assert ((low <= x) & (x <= high)).mean() > 0.9
    assert np.all(np.array(found.low) <= np.array(found.high))


def test_the_calibration_of_doubled_odds_is_below_the_diagonal_by_just_that() -> None:
    event, probability = believable(20_000, seed=4)
    odds = 2 * probability / (1 - probability)
    found = calibrated(Score(event, odds / (1 + odds)), repeats=50)
    x, y = np.array(found.x), np.array(found.y)
    inside = (x > 0.05) & (x < 0.6)
    assert y[inside] == pytest.approx((x / (2 - x))[inside], abs=0.03)  # odds halved again
    assert np.all(np.array(found.high)[inside] < x[inside])


def test_distances_from_the_smoothed_share_are_of_what_was_done_to_the_predictions() -> None:
    event, probability = believable(20_000, seed=5)
    right = Score(event, probability).tally()
    odds = 2 * probability / (1 - probability)
    wrong = Score(event, odds / (1 + odds)).tally()
    assert Smooth(right).distance(right).ici < 0.006
    off = np.abs(odds / (1 + odds) - probability)
    found = Smooth(wrong).distance(wrong)
    assert found.ici == pytest.approx(off.mean(), abs=0.005)
    assert (found.e50, found.e90) == pytest.approx(tuple(np.quantile(off, (0.5, 0.9))), abs=0.01)


def test_ten_groups_have_a_tenth_of_the_expected_events_each_and_hold_everybodys_share() -> None:
    event, probability = believable(5000, seed=6)
    found = tenths(Score(event, probability).tally())
    assert len(found.x) == 10
    assert found.x == sorted(found.x, reverse=True)
    for y, low, high in zip(found.y, found.low, found.high, strict=True):
        assert low <= y <= high


def test_the_interval_of_a_group_is_wilsons() -> None:
    found = tenths(Score(np.array([1] * 2 + [0] * 8), np.full(10, 0.2)).tally())
    assert (found.low[0], found.high[0]) == pytest.approx((0.0567, 0.5098), abs=1e-4)  # 2 of 10


def test_a_panel_draws_the_roc_curve_of_scikit_learn() -> None:
    found = panel("", EVENT, {"model": PROBABILITY}, {"age": ROUGH}, repeats=10)
    false, true, _ = roc_curve(EVENT, PROBABILITY)
    for drawn in found.scores:
        assert (drawn.roc.x[0], drawn.roc.y[0], drawn.roc.x[-1], drawn.roc.y[-1]) == (0, 0, 1, 1)
    assert np.interp(found.scores[0].roc.x, false, true) == pytest.approx(found.scores[0].roc.y, abs=0.02)
    assert found.scores[1].benefit is None, "points are no probability: no threshold means anything"
    assert sum(found.histogram.events) == EVENT.sum()
    assert sum(found.histogram.others) == 3000 - EVENT.sum()


def test_the_decision_curve_starts_where_everybody_is_treated_and_is_the_metric_at_its_threshold() -> None:
    found = panel("", EVENT, {"model": PROBABILITY}, {}, repeats=10)
    benefit = found.scores[0].benefit
    assert benefit
    assert benefit.y[0] == pytest.approx(found.treat_all.y[0], abs=1e-4)
    middle = len(benefit.x) // 2
    assert benefit.y[middle] == pytest.approx(net_benefit(EVENT, PROBABILITY, benefit.x[middle]), abs=1e-4)


def test_a_score_with_two_values_has_a_straight_calibration_and_one_value_none() -> None:
    event = np.array([1] * 2 + [0] * 8 + [1] * 5 + [0] * 5)
    two = calibrated(Score(event, np.repeat([0.2, 0.5], 10)), repeats=20)
    assert two.y[0] == pytest.approx(0.2, abs=1e-4)
    assert two.y[-1] == pytest.approx(0.5, abs=1e-4)
    assert calibrated(Score(event, np.full(20, 0.3)), repeats=20).x == []


@pytest.mark.parametrize("event", [np.zeros(20, np.int64), np.ones(20, np.int64)])
def test_without_both_kinds_of_people_nothing_of_ranking_is_drawn(event: np.ndarray) -> None:
    found = panel("", event, {"model": np.linspace(0.1, 0.9, 20)}, {}, repeats=5)
    assert (found.scores[0].roc.x, found.scores[0].flagged.x, found.calibration.x) == ([], [], [])
    assert sum(found.histogram.events) + sum(found.histogram.others) == 20


def test_groups_are_compared_at_one_threshold_of_all_people() -> None:
    """The young have risks of 1 to 10 %, the old of 41 to 50 %: a fifth of all people are above 48 %."""
    probability = np.concatenate([np.repeat(np.arange(1, 11) / 100, 10), np.repeat(np.arange(41, 51) / 100, 10)])
    event = np.tile([1] * 2 + [0] * 8, 20)
    groups = {"age": np.repeat(["young", "old"], 100)}
    old, young = subgroups(groups, event, probability, repeats=20)
    assert young.metrics["sensitivity_at_overall_20_flagged"].value == 0
    assert old.metrics["sensitivity_at_overall_20_flagged"].value == pytest.approx(0.4)  # 47 to 50 % of 41 to 50 %
    assert young.metrics["o_e"].value > 1 > old.metrics["o_e"].value


def test_the_same_numbers_come_out_again() -> None:
    assert probabilities(EVENT, PROBABILITY, 20) == probabilities(EVENT, PROBABILITY, 20)
