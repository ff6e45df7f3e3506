"""Each metric on a handful of people whose answer can be worked out by hand."""

from collections.abc import Mapping

import numpy as np
import pytest

from cdss.evaluation.metrics import (
    calibration,
    logistic,
    logit,
    net_benefit,
    observed_expected,
)
from cdss.evaluation.ranked import probabilities, subgroups
from cdss.evaluation.ranking import auc
from cdss.evaluation.recalibration import SPREAD, recalibrated, shift
from cdss.evaluation.tally import Score


def test_auc_counts_pairs_and_half_of_ties() -> None:
    event = np.array([1, 0, 1, 0])
    score = np.array([0.9, 0.9, 0.4, 0.1])
    # pairs: 0.9-0.9 tie (1/2), 0.9-0.1 right, 0.4-0.9 wrong, 0.4-0.1 right
    assert Score(event, score).tally().auc() == 2.5 / 4


def test_auc_of_a_draw_is_the_plain_auc_of_the_drawn_rows() -> None:
    generator = np.random.default_rng(0)
    event, score = generator.integers(0, 2, 300), np.round(generator.random(300), 1)
    rows = generator.integers(0, 300, 300)
    drawn = Score(event, score).tally(np.bincount(rows, minlength=300).astype(float))
    assert drawn.auc() == pytest.approx(auc(score[rows], event[rows] == 1), abs=1e-12)


def test_auc_of_a_draw_without_events_is_not_defined() -> None:
    assert np.isnan(Score(np.array([1, 0, 0]), np.array([0.3, 0.2, 0.1])).tally(np.array([0.0, 1.0, 2.0])).auc())


def test_observed_over_expected() -> None:
    assert observed_expected(np.array([1, 0, 1, 0]), np.array([0.25, 0.25, 0.25, 0.25])) == 2 / 1


def test_logistic_regression_on_a_two_by_two_table_is_its_log_odds_ratio() -> None:
    exposed = np.array([1.0] * 40 + [0.0] * 60)
    event = np.array([1] * 10 + [0] * 30 + [1] * 5 + [0] * 55)
    intercept, slope = logistic(event, exposed)
    assert intercept == pytest.approx(np.log(5 / 55))
    assert slope == pytest.approx(np.log((10 / 30) / (5 / 55)))


def test_a_score_that_makes_no_mistake_has_no_most_likely_curve() -> None:
    assert np.isnan(logistic(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 4.0]))).all()
    assert np.isnan(calibration(np.array([0, 1, 0]), np.array([0.2, 0.2, 0.2]))).all()


def test_calibration_of_probabilities_that_are_true_is_nought_and_one() -> None:
    probability = np.repeat([0.2, 0.5], 10)
    event = np.array([1] * 2 + [0] * 8 + [1] * 5 + [0] * 5)
    assert calibration(event, probability) == pytest.approx((0, 1), abs=1e-9)


def test_calibration_slope_halves_when_the_logit_is_doubled() -> None:
    probability = np.repeat([0.2, 0.5], 10)
    event = np.array([1] * 2 + [0] * 8 + [1] * 5 + [0] * 5)
    extreme = 1 / (1 + np.exp(-2 * logit(probability)))
    assert calibration(event, extreme)[1] == pytest.approx(0.5)


def test_a_fifth_flagged() -> None:
    event = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    (found,) = Score(event, np.linspace(1, 0, 10)).tally().flagged(0.2)
    assert found.sensitivity == 2 / 3  # two of ten people, two of three events
    assert found.specificity == 7 / 7  # none of the seven others
    assert found.ppv == 2 / 2


def test_a_third_flagged_holds_one_who_is_well() -> None:
    event = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    (found,) = Score(event, np.linspace(1, 0, 10)).tally().flagged(0.3)
    assert (found.sensitivity, found.specificity, found.ppv) == pytest.approx((2 / 3, 6 / 7, 2 / 3))


def test_a_tie_at_the_edge_of_the_flagged_is_shared_out() -> None:
    event = np.array([1, 1, 0, 0, 0])
    (found,) = Score(event, np.array([0.5, 0.5, 0.1, 0.1, 0.1])).tally().flagged(0.2)
    assert found.sensitivity == 0.5  # one place for two who score alike


def test_net_benefit_takes_false_positives_at_the_odds_of_the_threshold() -> None:
    event = np.array([1, 0, 0, 1])
    probability = np.array([0.9, 0.9, 0.1, 0.1])
    assert net_benefit(event, probability, 0.2) == (1 - 1 * 0.25) / 4


def test_intervals_are_beside_every_number_and_hold_it() -> None:
    generator = np.random.default_rng(1)
    probability = generator.uniform(0.05, 0.6, 400)
    event = (generator.random(400) < probability).astype(np.int64)
    found = probabilities(event, probability, repeats=50)
    flagged = {f"{what}_at_{share}_flagged" for what in ("sensitivity", "specificity", "ppv") for share in (10, 20, 30)}
    worth = {f"net_benefit_at_{share}{beside}" for share in (2, 5, 10, 20, 30, 50) for beside in ("", "_treat_all")}
    line = {"calibration_slope", "calibration_intercept", "calibration_in_the_large", "o_e"}
    distances = {"ici", "e50", "e90"}  # of a draw they are larger than of everybody, never below nought
    assert set(found) == {"auc", "net_benefit", "brier", "brier_scaled"} | flagged | worth | line | distances
    for name, metric in found.items():
        assert metric.ci95 is not None
        assert metric.ci95[0] <= metric.value <= metric.ci95[1] or name in distances, name


def test_a_subgroup_with_fewer_than_ten_events_has_counts_and_no_numbers() -> None:
    event = np.array([1] * 9 + [0] * 91)
    (group,) = subgroups({"sex": np.array(["female"] * 100)}, event, np.linspace(1, 0, 100), repeats=5)
    assert (group.n, group.events, group.metrics) == (100, 9, {})


def test_sites_stand_in_the_order_of_their_numbers_and_words_as_they_are_spelt() -> None:
    groups = {"site": np.array(["10", "2", "0"]), "age": np.array(["80+", "20-39", "40-59"])}
    found = subgroups(groups, np.zeros(3, np.int64), np.full(3, 0.1), repeats=1)
    assert [each.value for each in found] == ["0", "2", "10", "20-39", "40-59", "80+"]


def test_a_site_with_no_events_among_few_people_is_moved_little() -> None:
    logit_of_two_percent = np.full(100, np.log(0.02 / 0.98))
    assert -0.25 < shift(np.zeros(100, np.int64), logit_of_two_percent) < 0


def test_a_site_with_twice_the_events_among_many_is_moved_by_nearly_log_two() -> None:
    score = np.full(200_000, np.log(0.02 / 0.98))
    event = (np.arange(200_000) < 8000).astype(np.int64)  # 4 % instead of 2 %
    assert shift(event, score) == pytest.approx(np.log((0.04 / 0.96) / (0.02 / 0.98)), abs=0.01)
    assert SPREAD < 1


def test_five_hundred_people_bring_a_site_with_another_assay_nearer_to_one() -> None:
    generator = np.random.default_rng(2)
    glucose = generator.normal(5.0, 0.6, 6000)

    def predict(columns: Mapping[str, np.ndarray]) -> np.ndarray:
        return -13 + 2 * columns["fpg_mmol"]

    event = (generator.random(6000) < 1 / (1 + np.exp(-predict({"fpg_mmol": glucose})))).astype(np.int64)
    low = {"fpg_mmol": glucose - 0.3}  # this site's assay reads 0.3 mmol/L too low
    before = observed_expected(event, 1 / (1 + np.exp(-predict(low))))
    after = recalibrated(event, low, predict, mean=5.0)
    assert before > 1.5
    assert abs(after["o_e_after_500_glucoses"].value - 1) < 0.1
    assert 1 < after["o_e_after_500_outcomes"].value < before
    assert abs(after["o_e_after_500_both"].value - 1) < 0.1
