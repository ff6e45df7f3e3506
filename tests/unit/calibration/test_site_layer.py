"""The layer itself: a line on the logit scale, whose terms still sum to the score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from residents import columns

from cdss.models import diabetes_screen
from cdss.models.additive import Additive, RiskTable
from cdss.models.site_layer import Groups, SiteLayer, logit_of, sigmoid

TIERS = ("c", "b", "a_fh", "a")
FLAT = SiteLayer(dict.fromkeys(TIERS, 0.0))


@pytest.fixture(scope="module")
def model() -> Additive:
    return diabetes_screen.load()


@pytest.fixture(scope="module")
def people() -> dict[str, np.ndarray]:
    """Some of whom the model does not answer for, by age."""
    found = columns(300) | {"asian": np.ones(300)}
    found["age"][:20] = 85
    return found


@pytest.fixture(scope="module")
def table(model: Additive, people: dict[str, np.ndarray]) -> RiskTable:
    return model.assess_table(people)


def test_a_flat_layer_changes_nothing(table: RiskTable, people: dict[str, np.ndarray]) -> None:
    after = FLAT.applied(table, people)
    np.testing.assert_allclose(after.probability, table.probability, atol=1e-6)
    np.testing.assert_array_equal(after.contributions, table.contributions)


@given(st.floats(-2, 2), st.floats(0.2, 3), st.floats(-1, 1))
def test_the_terms_sum_to_the_new_score(shift: float, slope: float, women: float) -> None:
    everyone = columns(50) | {"asian": np.ones(50)}
    before = SCREEN.assess_table(everyone)
    layer = SiteLayer(dict.fromkeys(TIERS, shift), slope, Groups("sex", (0.5,), (0.0, women)))
    after = layer.applied(before, everyone)
    expected = shift + slope * logit_of(before) + women * everyone["sex"]
    np.testing.assert_allclose(logit_of(after), expected, atol=2e-5)
    np.testing.assert_allclose(after.probability, sigmoid(expected), atol=2e-6)


SCREEN = diabetes_screen.load()


def test_who_ranks_before_whom_stays(table: RiskTable, people: dict[str, np.ndarray]) -> None:
    after = SiteLayer(dict.fromkeys(TIERS, 0.7), 1.3).applied(table, people)
    answered = table.tier >= 0
    order = np.argsort(logit_of(table)[answered], kind="stable")
    assert (np.diff(logit_of(after)[answered][order]) >= -1e-5).all()


def test_who_had_no_answer_still_has_none(table: RiskTable, people: dict[str, np.ndarray]) -> None:
    after = SiteLayer(dict.fromkeys(TIERS, 0.7)).applied(table, people)
    assert np.isnan(after.probability[:20]).all()
    assert (after.tier[:20] == -1).all()
    assert not np.isnan(after.probability[20:]).any()


def test_each_tier_has_its_own_intercept(table: RiskTable, people: dict[str, np.ndarray]) -> None:
    after = SiteLayer({"c": 9.0, "b": 9.0, "a_fh": 9.0, "a": -1.0}).applied(table, people)
    assert set(table.tier[20:]) == {3}, "without laboratory and family history"
    np.testing.assert_allclose(logit_of(after)[20:], logit_of(table)[20:] - 1, atol=2e-5)


@pytest.mark.parametrize(
    ("age", "added"), [(39.0, 0.1), (40.0, 0.2), (59.9, 0.2), (60.0, 0.3), (np.nan, 0.0)],
    ids=["39 is not yet 40", "40 itself is of the next band", "59", "60", "not known adds nothing"],
)  # fmt: skip
def test_bands_begin_at_their_edge(age: float, added: float) -> None:
    groups = Groups("age", (40.0, 60.0), (0.1, 0.2, 0.3))
    assert groups.added({"age": np.array([age])}, 1).tolist() == [added]


def test_a_group_the_table_does_not_have_adds_nothing() -> None:
    assert Groups("smoking", (0.5,), (0.0, 1.0)).added({}, 3).tolist() == [0, 0, 0]


def test_thresholds_move_with_the_layer() -> None:
    layer = SiteLayer({"a": 0.5}, 1.2)
    assert layer.threshold("a", 0.1) == pytest.approx(1 / (1 + np.exp(-(0.5 + 1.2 * np.log(1 / 9)))))
