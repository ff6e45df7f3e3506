"""Equations for a table of residents: the same number as one by one, or none, and no row stops the others."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdss.models.equations import hypertension, prevent
from cdss.models.equations.resident import Numbers
from cdss.models.resident import RESIDENT

Resident = dict[str, float | None]
NAN = float("nan")

ORDINARY: Resident = {
    "age": 55, "sex": 1, "bmi": 26, "sbp": 130, "dbp": 80, "smoking": 0, "tc_mmol": 5, "hdl_mmol": 1.3, "egfr": 90,
    "diabetes": 0, "bp_medication": 0, "statin": 0, "parents_with_hypertension": 1, "hypertension": 0, "cvd": 0,
}  # fmt: skip


def table(*residents: Resident) -> dict[str, Numbers]:
    return {
        name: np.array([NAN if (value := resident.get(name)) is None else value for resident in residents], float)
        for name in RESIDENT
    }


def one(scalar: Callable[[Resident], float], resident: Resident) -> float:
    """What is said of one resident, nan where it is refused."""
    try:
        return scalar(resident)
    except ValueError:  # ImplausibleValue and NotApplicable
        return NAN


def values(name: str) -> st.SearchStrategy[float | None]:
    """Ordinary, missing, at the edge of plausible, and beyond it."""
    quantity = RESIDENT[name]
    if quantity.yes_no:
        return st.sampled_from([0.0, 1.0, None, 2.0])
    beside = st.sampled_from([ORDINARY.get(name), quantity.low, quantity.high, quantity.high + 1, None])
    return st.one_of(beside, st.floats(quantity.low, quantity.high))


ANYBODY = st.fixed_dictionaries({name: st.just(value) for name, value in ORDINARY.items()}).flatmap(
    lambda ordinary: st.fixed_dictionaries({}, optional={name: values(name) for name in RESIDENT}).map(
        lambda changes: {**ordinary, **dict(list(changes.items())[:3])}
    )
)
CROWD = st.lists(ANYBODY, min_size=1, max_size=30)


@given(CROWD)
def test_prevent_of_a_table_is_prevent_of_each(people: list[Resident]) -> None:
    expected = [one(lambda resident: prevent.risk(resident)["total_cvd"], resident) for resident in people]
    assert prevent.risk_table(table(*people)) == pytest.approx(expected, rel=1e-12, nan_ok=True)


@given(CROWD)
def test_hypertension_of_a_table_is_hypertension_of_each(people: list[Resident]) -> None:
    expected = [one(hypertension.risk, resident) for resident in people]
    assert hypertension.risk_table(table(*people)) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_ordinary_residents_get_numbers() -> None:
    assert not np.isnan(prevent.risk_table(table(ORDINARY)))[0]
    assert not np.isnan(hypertension.risk_table(table(ORDINARY)))[0]


@pytest.mark.parametrize("model", prevent.MODELS)
@pytest.mark.parametrize("years", prevent.YEARS)
@pytest.mark.parametrize("outcome", prevent.OUTCOMES)
def test_every_published_prevent_can_be_asked_for(model: str, years: int, outcome: str) -> None:
    person = {**ORDINARY, "hba1c_pct": 6.0, "uacr_mg_g": 20.0, "sdi_decile": 5.0}
    found = prevent.risk_table(table(person), years, model, outcome)
    assert found == pytest.approx([prevent.risk(person, years, model)[outcome]], rel=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        {"bp_medication": None},
        {"statin": None},
        {"egfr": None},
        {"smoking": 2},
        {"cvd": 1},
        {"age": 29},
        {"sbp": 201},
        {"tc_mmol": 200},
        {"hba1c_pct": 15.1},
    ],
)
def test_prevent_gives_no_number_where_it_must_not(change: Resident) -> None:
    found = prevent.risk_table(table({**ORDINARY, **change}, ORDINARY))
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize(
    "change",
    [{"parents_with_hypertension": None}, {"hypertension": 1}, {"bp_medication": 1}, {"sbp": 140}, {"age": 81}],
)
def test_hypertension_gives_no_number_where_it_must_not(change: Resident) -> None:
    found = hypertension.risk_table(table({**ORDINARY, **change}, ORDINARY))
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize(("equation", "needed"), [(prevent.risk_table, "statin"), (hypertension.risk_table, "dbp")])
def test_a_table_without_a_column_gives_no_numbers(
    equation: Callable[[Mapping[str, Numbers]], Numbers], needed: str
) -> None:
    columns = {name: column for name, column in table(ORDINARY, ORDINARY).items() if name != needed}
    assert np.isnan(equation(columns)).all()


def test_another_horizon_was_not_published() -> None:
    with pytest.raises(KeyError, match="found 3 years"):
        hypertension.risk_table(table(ORDINARY), 3)
