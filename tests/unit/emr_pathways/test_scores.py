"""Points of the score tables, and lung nodules described in words."""

from datetime import date

import pytest

from cdss.rules.facts import Coded, Facts, Given, Observation, Patient
from cdss.rules.language.conditions import AtLeast, Below
from cdss.serving.emr.pathways.nodules import average_mm, nodules
from cdss.serving.emr.pathways.scores import group, points

DAY = date(2026, 11, 25)


def facts(age: int, sex: str, *codes: str, seen: tuple[Observation, ...] = ()) -> Facts:
    conditions = tuple(Coded("ICD-10", code) for code in codes)
    born = date(DAY.year - age, 1, 1)
    patient = Patient(birth_date=born, sex=sex, conditions=conditions, observations=seen)  # type: ignore[arg-type]
    return Facts(patient, (), DAY)


STROKE_RISK = [
    ("a man of 64", facts(64, "male"), 0),
    ("a man of 65", facts(65, "male"), 1),
    ("a man of 74", facts(74, "male"), 1),
    ("a man of 75", facts(75, "male"), 2),
    ("a woman of 60", facts(60, "female"), 1),
    ("stroke and TIA count once", facts(50, "male", "I63.9", "G45.9"), 2),
    ("everything", facts(80, "female", "I50.9", "I10", "E11.9", "I63.9", "I25.2"), 9),
]


@pytest.mark.parametrize(("who", "told", "expected"), STROKE_RISK, ids=[row[0] for row in STROKE_RISK])
def test_cha2ds2_vasc(who: str, told: Facts, expected: int) -> None:
    assert points("cha2ds2-vasc.csv", told) == expected


def waist(centimetres: float) -> tuple[Observation, ...]:
    return (Observation("8280-0", centimetres, "cm", DAY),)


def egfr(value: float) -> tuple[Observation, ...]:
    return (Observation("98979-8", value, "mL/min/{1.73_m2}", DAY),)


def acr(value: float) -> tuple[Observation, ...]:
    return (Observation("9318-7", value, "mg/g", DAY),)


RISK_GROUPS = [
    ("nothing known", facts(50, "male"), "none"),
    ("55 is not above 55", facts(55, "male"), "none"),
    ("a man of 56", facts(56, "male"), "few"),
    ("a woman of 65", facts(65, "female"), "none"),
    ("a man's waist of 90", facts(50, "male", seen=waist(90)), "few"),
    ("a man's waist of 89", facts(50, "male", seen=waist(89)), "none"),
    ("a woman's waist of 85", facts(50, "female", seen=waist(85)), "few"),
    ("dyslipidaemia in two ways is one factor", facts(50, "male", "E78.5", seen=(
        Observation("22748-8", 4.0, "mmol/L", DAY),)), "few"),
    ("three factors", facts(60, "male", "E78.5", "F17.2"), "many"),
    ("diabetes", facts(50, "male", "E11.9"), "many"),
    ("eGFR 59", facts(50, "male", seen=egfr(59)), "many"),
    ("eGFR 29", facts(50, "male", seen=egfr(29)), "disease"),
    ("eGFR below 60, no number", facts(50, "male", seen=egfr(Below(60))), "many"),
    ("eGFR below 90, no number", facts(50, "male", seen=egfr(Below(90))), "none"),
    ("ACR below 30, no number", facts(50, "male", seen=acr(Below(30))), "none"),
    ("ACR at least 300, no number", facts(50, "male", seen=acr(AtLeast(300))), "many"),
    ("stroke", facts(50, "male", "I63.9"), "disease"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "told", "expected"), RISK_GROUPS, ids=[row[0] for row in RISK_GROUPS])
def test_groups_of_risk(who: str, told: Facts, expected: str) -> None:
    assert group("bp-risk-groups.csv", points("bp-risk-factors.csv", told)) == expected


SIZES = [("右上肺结节 8mm", 8.0), ("7×6mm", 6.5), ("12 mm x 8 mm", 10.0), ("0.6cm", 6.0), ("1.2×0.8 厘米", 10.0),
         ("肺结节", None)]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SIZES, ids=[row[0] for row in SIZES])
def test_sizes_are_the_average_of_the_axes(text: str, expected: float | None) -> None:
    assert average_mm(text) == expected


def test_a_nodule_in_words_becomes_a_finding() -> None:
    told = Facts(Patient(conditions=(Coded("ICD-10", "R91", "双肺多发混合磨玻璃结节，大者 9mm，毛刺"),)), (), DAY)
    (one,) = nodules(told)
    assert one.event == "finding"
    assert {name: given.value for name, given in one.given.items()} == {
        "finding_kind": "lung_nodule", "diameter_mm": 9.0, "nodules_multiple": True, "nodule_density": "part-solid",
        "nodule_excluded": False, "nodule_risk": "high",
    }  # fmt: skip


def test_who_smokes_is_at_high_risk_who_never_did_at_low() -> None:
    condition = Coded("ICD-10", "R91", "solid lung nodule 7 mm")
    risks = [
        next(nodules(Facts(Patient(conditions=(condition,)), (), DAY, given={"smoking": Given(smokes)})))
        for smokes in (True, False)
    ]
    assert [one.given["nodule_risk"].value for one in risks] == ["high", "low"]


def test_a_thyroid_nodule_is_none() -> None:
    assert not list(nodules(Facts(Patient(conditions=(Coded("ICD-10", "E04.1", "甲状腺结节 8mm"),)), (), DAY)))
