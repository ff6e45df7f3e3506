"""A score as tables, its learners and its graph: exact where exactness is promised."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from cdss.evaluation.ranking import auc
from cdss.evaluation.spline import Curve, SplineLogistic
from cdss.evaluation.tables import Tables, Term, cells, from_plain, merged, to_plain, values_of
from cdss.training.risk import parity as parity_module
from cdss.training.risk.calibration import calibrated, calibrated_spline, group_term
from cdss.training.risk.cells import MOST_CELLS, centred, edges_of, with_missing
from cdss.training.risk.graph import export
from cdss.training.risk.learners import Settings, _read_off, _recode, fit, fit_boosted, fit_spline
from cdss.training.risk.parity import ParityFailure, prove

AGE = Term(np.array([39.5, 59.5], np.float32), np.array([-1.0, 0.0, 2.0]), 0.5)
NAN = float("nan")


def people(count: int = 4000, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Risk rises with age and glucose and falls with HDL; a tenth of the glucoses are missing."""
    generator = np.random.default_rng(seed)
    columns = {
        "age": generator.integers(20, 80, count).astype(float),
        "fpg_mmol": np.round(generator.normal(5.3, 0.6, count), 2),
        "hdl_mmol": np.round(generator.gamma(16, 0.08, count), 2) + 0.2,
        "family_diabetes": generator.integers(0, 2, count).astype(float),
    }
    logit = -7 + 0.05 * columns["age"] + 0.6 * columns["fpg_mmol"] - 0.5 * columns["hdl_mmol"]
    event = (generator.random(count) < 1 / (1 + np.exp(-logit - 0.8 * columns["family_diabetes"]))).astype(np.int64)
    columns["fpg_mmol"][generator.random(count) < 0.1] = np.nan
    return columns, event


MONOTONE = {"age": 1, "fpg_mmol": 1, "hdl_mmol": -1, "family_diabetes": 1}
QUICK = Settings(members=2, iterations=60, learning_rate=0.1)


@pytest.mark.parametrize(
    ("value", "contribution"), [(39.0, -1.0), (39.5, -1.0), (39.6, 0.0), (59.5, 0.0), (80.0, 2.0), (NAN, 0.5)]
)
def test_an_edge_belongs_to_the_cell_on_its_left_and_missing_is_its_own(value: float, contribution: float) -> None:
    assert AGE(np.array([value]))[0] == contribution


def test_a_ratio_is_divided_in_single_precision_as_the_graph_does() -> None:
    found = values_of("waist_height", {"waist_cm": np.array([85.3]), "height_cm": np.array([170.1])})
    assert found[0] == float(np.float32(85.3) / np.float32(170.1))


def test_edges_lie_between_values_so_that_both_precisions_agree() -> None:
    column = np.round(np.random.default_rng(0).normal(24, 4, 3000), 1)
    edges = edges_of(column)
    assert len(edges) < MOST_CELLS
    double = np.searchsorted(edges.astype(np.float64), column, side="left")
    assert (cells(column, edges) == double).all()
    assert not np.isin(edges, column.astype(np.float32)).any()


def test_few_values_get_an_edge_between_each_two() -> None:
    assert edges_of(np.array([0.0, 1.0, 1.0, NAN])).tolist() == [0.5]


def test_tables_survive_the_way_through_json() -> None:
    tables = Tables(-3.25, {"age": AGE})
    back = from_plain(to_plain(tables))
    column = {"age": np.array([20.0, 39.5, 45.0, 70.0, NAN])}
    assert back.logit(column).tolist() == tables.logit(column).tolist()


def test_merging_cells_of_equal_value_changes_nothing() -> None:
    term = Term(np.array([1, 2, 3], np.float32), np.array([0.0, 0.0, 1.0, 1.0]))
    short = merged(term)
    assert short.edges.tolist() == [2.0]
    assert short(np.arange(5.0)).tolist() == term(np.arange(5.0)).tolist()


def test_centring_moves_the_mean_into_the_intercept_and_no_score() -> None:
    columns = {"age": np.array([30.0, 50.0, 70.0, 70.0])}
    before = Tables(-3.0, {"age": AGE})
    after = centred(before, columns)
    assert after.logit(columns) == pytest.approx(before.logit(columns))
    assert after.contributions(columns).mean() == pytest.approx(0)


def test_a_missing_value_leaves_the_mean_risk_as_it_is_and_is_not_zero() -> None:
    columns = {"age": np.array([30.0, 50.0, 70.0, 70.0])}
    tables = with_missing(Tables(-1.0, {"age": AGE}), columns)
    risk = 1 / (1 + np.exp(-tables.logit(columns)))
    unknown = 1 / (1 + np.exp(-tables.logit({"age": np.full(4, NAN)})))
    assert unknown == pytest.approx(np.full(4, risk.mean()))
    assert tables.terms["age"].missing != 0


def test_the_tables_of_boosted_trees_are_the_trees() -> None:
    columns, event = people()
    edges = {name: edges_of(column) for name, column in columns.items()}
    cuts = {name: np.arange(len(edge))[::3] for name, edge in edges.items()}
    design = np.column_stack(
        [_recode(np.where(np.isnan(c), np.nan, cells(c, edges[n])), cuts[n]) for n, c in columns.items()]
    )
    model = HistGradientBoostingClassifier(interaction_cst="no_interactions", max_iter=50).fit(design, event)
    tables = _read_off(model, cuts, edges)
    known = ~np.isnan(columns["fpg_mmol"])
    some = {name: column[known] for name, column in columns.items()}
    assert tables.logit(some) == pytest.approx(model.decision_function(design[known]), abs=1e-9)


def test_learning_is_repeatable() -> None:
    columns, event = people()
    edges = {name: edges_of(column) for name, column in columns.items()}
    first, second = (fit_boosted(columns, edges, event, MONOTONE, QUICK) for _ in range(2))
    assert first.logit(columns).tolist() == second.logit(columns).tolist()


def test_constrained_terms_never_turn() -> None:
    columns, event = people()
    tables, _ = fit(tuple(columns), columns, event, MONOTONE, frozenset({"fpg_mmol"}), QUICK)
    for name, direction in MONOTONE.items():
        assert (direction * np.diff(tables.terms[name].values) >= 0).all(), name


def test_both_learners_come_near_to_the_best_there_is() -> None:
    columns, event = people()
    new, happened = people(seed=1)
    best = 0.05 * new["age"] + 0.6 * np.nan_to_num(new["fpg_mmol"], nan=5.3) - 0.5 * new["hdl_mmol"]
    tables, spline = fit(tuple(columns), columns, event, MONOTONE, frozenset(), QUICK)
    ceiling = auc(best + 0.8 * new["family_diabetes"], happened == 1)
    assert auc(with_missing(tables, columns).logit(new), happened == 1) > ceiling - 0.015
    assert auc(spline.logit(new), happened == 1) > ceiling - 0.015


def test_calibration_makes_the_mean_right_and_the_slope_one() -> None:
    columns, event = people()
    tables, _ = fit(tuple(columns), columns, event, MONOTONE, frozenset(), replace(QUICK, ridge=0.001))
    tables = with_missing(tables, columns)
    risk = 1 / (1 + np.exp(-calibrated(tables, tables.logit(columns), event).logit(columns)))
    assert risk.mean() == pytest.approx(event.mean(), abs=1e-6)


def test_a_model_too_sure_of_those_it_has_seen_is_calibrated_by_those_it_has_not() -> None:
    """Left out, the same people had logits half as far from the mean: the shipped score is halved."""
    generator = np.random.default_rng(4)
    column = {"age": generator.choice([30.0, 50.0, 70.0], 100_000)}
    sure = Tables(0.0, {"age": AGE})
    left_out = sure.logit(column)
    event = (generator.random(100_000) < 1 / (1 + np.exp(-left_out / 2))).astype(np.int64)
    found = calibrated(sure, left_out, event)
    assert found.terms["age"].values == pytest.approx(AGE.values / 2, abs=0.03)
    straight = SplineLogistic(0.0, [Curve("age", 50.0, False, [], [1.0])])
    assert calibrated_spline(straight, left_out, event).curves[0].weights == pytest.approx([0.5], abs=0.03)


def test_a_group_with_twice_the_odds_gets_log_two() -> None:
    generator = np.random.default_rng(3)
    ages, asian = generator.choice([30.0, 50.0, 70.0], 60_000), generator.integers(0, 2, 60_000) * 1.0
    left_out = Tables(-2.0, {"age": AGE}).logit({"age": ages})
    event = (generator.random(60_000) < 1 / (1 + np.exp(-left_out - np.log(2) * asian))).astype(np.int64)
    asian[:100] = NAN  # not told apart
    found = group_term(left_out, event, asian)
    assert found.values[1] - found.values[0] == pytest.approx(np.log(2), abs=0.06)


def test_a_small_count_is_a_straight_line_to_a_spline() -> None:
    generator = np.random.default_rng(6)
    seen = {"antihypertensives": generator.choice([1.0, 2.0, 3.0], 2000, p=[0.8, 0.15, 0.05])}
    event = (generator.random(2000) < 0.3).astype(np.int64)
    assert fit_spline(seen, event, frozenset(), QUICK).curves[0].knots == []


def test_a_spline_is_straight_beyond_its_outer_knots() -> None:
    curve = Curve("age", 50.0, False, [30.0, 50.0, 70.0], [0.1, 0.4])
    far = curve(np.array([80.0, 90.0, 100.0]))
    assert far[2] - far[1] == pytest.approx(far[1] - far[0])
    below = curve(np.array([10.0, 20.0, 30.0]))
    assert below[1] - below[0] == pytest.approx(0.1 * 10)


def test_a_missing_value_is_the_median_to_a_spline() -> None:
    spline = SplineLogistic(-1.0, [Curve("age", 50.0, False, [], [0.1])])
    assert spline.logit({"age": np.array([NAN])}) == spline.logit({"age": np.array([50.0])})


TIERS = {
    "b": Tables(-3.0, {"age": AGE, "waist_height": Term(np.array([0.55], np.float32), np.array([-0.3, 0.7]), 0.1)}),
    "a": Tables(-2.0, {"age": AGE}),
}
FEATURES, TERMS = ("age", "waist_cm", "height_cm"), ("age", "waist_height")


def crowd() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(5)
    return {
        "age": generator.integers(20, 80, 500).astype(float),
        "waist_cm": np.round(generator.normal(88, 10, 500), 1),
        "height_cm": np.round(generator.normal(165, 8, 500), 1),
    }


def test_the_graph_says_what_the_tables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity_module, "ROWS", 20_000)
    found = prove(export(TIERS, FEATURES, TERMS).SerializeToString(), TIERS, FEATURES, TERMS, crowd())
    assert found.rows == 40_000
    assert found.flipped == 0
    assert found.probability < 1e-6


def test_a_graph_with_one_edge_moved_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity_module, "ROWS", 20_000)
    moved = Term(np.array([39.5, np.nextafter(np.float32(59.5), np.float32(60))], np.float32), AGE.values, AGE.missing)
    wrong = {**TIERS, "a": Tables(-2.0, {"age": moved})}
    with pytest.raises(ParityFailure, match="expected at most 1e-06 in probability and no flipped row"):
        prove(export(wrong, FEATURES, TERMS).SerializeToString(), TIERS, FEATURES, TERMS, crowd())
