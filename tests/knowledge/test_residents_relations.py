"""What must hold of every resident, whoever it is: one matter is told once, and worse is never told less severely.

Each relation is tried on `HYPOTHESIS_PROFILE` many random residents, more or less known. Glucose begins at 4.0 mmol/L:
a low one is another matter than a high one.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resident_rules import said

from cdss.rules.alert import SEVERITIES
from cdss.rules.pack import Pack, load

PACK: Pack = load()
LEVELS: list[str] = list(SEVERITIES)
TOLD = (
    "hypertension", "diabetes", "cvd", "smoking", "bp_medication", "statin", "diabetes_flagged", "ckd_flagged",
    "bp_ranked_high",
)  # fmt: skip


def tenths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda number: number / 10)


ROWS = st.fixed_dictionaries(
    {"age": st.integers(18, 95), "sex": st.sampled_from(["male", "female"]), "seen": st.integers(0, 500)},
    optional={
        **dict.fromkeys(TOLD, st.booleans()),
        "sbp": st.integers(95, 230),
        "dbp": st.integers(50, 130),
        "sbp_previous": st.integers(95, 200),
        "dbp_previous": st.integers(50, 120),
        "fpg": tenths(40, 250),
        "random": tenths(40, 250),
        "hba1c": tenths(40, 120),
        "fpg_previous": tenths(40, 150),
        "days_since_previous": st.integers(0, 700),
        "ldl": tenths(5, 70),
        "egfr": st.integers(5, 120),
        "uacr": st.integers(1, 900),
        "bmi": st.integers(16, 45),
        "waist": st.integers(60, 130),
    },
)

PRESSURE = ("bp-emergency", "bp-control", "bp-screening", "bp-untold", "bp-high-normal")
GLUCOSE = (
    "glucose-emergency",
    "glucose-untold",
    "diabetes-control",
    "diabetes-diagnosis",
    "diabetes-screening",
    "prediabetes",
)
OVERDUE = ("visit-overdue#1", "visit-overdue#2", "visit-overdue#3")
MATTERS = {
    "pressure": PRESSURE,
    "glucose": GLUCOSE,
    "kidneys": ("kidney-",),
    "grade and layer": ("bp-grade-", "bp-isolated-"),
    "who is to come": ("visit-overdue", "elderly-check#1", "bp-check-due", "bp-control#8"),
    "a visit before its tests": (*OVERDUE, "diabetes-tests", "hypertension-tests"),
    "the test of glucose": ("elderly-check", "diabetes-screening", "diabetes-tests"),
    "tests of the kidneys": ("kidney-screening", "kidney-confirm", "hypertension-tests#1"),
}


@pytest.mark.parametrize("matter", MATTERS)
@given(row=ROWS)
def test_one_matter_is_told_once(matter: str, row: dict[str, Any]) -> None:
    about = {one for one in said(PACK, row) if one.startswith(MATTERS[matter])}
    assert len(about) <= 1, about


def worst(row: dict[str, Any], *about: str) -> int:
    """0 is the worst; nothing said ranks after all."""
    levels = [LEVELS.index(one.split()[1]) for one in said(PACK, row) if one.startswith(about)]
    return min(levels, default=len(LEVELS))


@given(ROWS, st.integers(95, 230), st.integers(1, 60))
def test_more_pressure_is_never_less_severe(row: dict[str, Any], systolic: int, more: int) -> None:
    """A visit overdue counts as well: the pressure of long ago is told there."""
    lower, higher = ({"dbp": 70, **row, "sbp": sbp} for sbp in (systolic, systolic + more))
    assert worst(higher, *PRESSURE, "visit-overdue") <= worst(lower, *PRESSURE, "visit-overdue")


@given(ROWS, st.integers(40, 250), st.integers(1, 90))
def test_more_glucose_is_never_less_severe(row: dict[str, Any], glucose: int, more: int) -> None:
    lower, higher = ({**row, "fpg": number / 10} for number in (glucose, glucose + more))
    assert worst(higher, *GLUCOSE, "visit-overdue") <= worst(lower, *GLUCOSE, "visit-overdue")


@given(ROWS, st.integers(5, 118), st.integers(1, 60))
def test_less_kidney_function_is_never_less_severe(row: dict[str, Any], egfr: int, more: int) -> None:
    lower, higher = ({**row, "egfr": number} for number in (egfr, egfr + more))
    assert worst(lower, "kidney-") <= worst(higher, "kidney-")


@given(ROWS, st.integers(1, 900), st.integers(1, 500))
def test_more_albumin_is_never_less_severe(row: dict[str, Any], ratio: int, more: int) -> None:
    lower, higher = ({**row, "uacr": number} for number in (ratio, ratio + more))
    assert worst(higher, "kidney-") <= worst(lower, "kidney-")
