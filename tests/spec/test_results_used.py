"""Which of a patient's results counts: the latest of the past, as exact as it was told; one from the future never."""

from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from cdss.rules.facts import Facts, Medication, Observation, Patient
from cdss.rules.language.conditions import AtLeast, Below
from cdss.rules.pack import load
from cdss.serving.emr.patient.derived import derived
from cdss.serving.population.intake.chart_row import row

TODAY = date(2026, 11, 25)
LAST_MONTH, LAST_YEAR, NEXT_MONTH = date(2026, 10, 25), date(2025, 10, 1), date(2026, 12, 25)
CREATININE, EGFR, WEIGHT, GLUCOSE = "14682-9", "98979-8", "29463-7", "1558-6"


def creatinine(value: float, day: date | None = LAST_MONTH, time: str = "") -> Observation:
    return Observation(CREATININE, value, "umol/L", day, time=time)


def egfr(value: float, day: date | None = LAST_MONTH, time: str = "") -> Observation:
    return Observation(EGFR, value, "mL/min/{1.73_m2}", day, time=time)


def who(*results: Observation) -> Patient:
    return Patient(birth_date=date(1950, 3, 1), sex="male", observations=results)


def computed(*results: Observation) -> list[float]:
    """The eGFRs that were computed for the patient."""
    seen = derived(who(*results), TODAY).observations
    return [one.value for one in seen if one.loinc == EGFR and one not in results]


KIDNEY = [
    ("none", [], []),
    ("one", [creatinine(300)], [18.0]),
    ("undated counts as of today", [creatinine(88.4), creatinine(300, None)], [18.0]),
    ("the later one", [creatinine(300), creatinine(88.4, LAST_YEAR)], [18.0]),
    ("the later of a day", [creatinine(300, time="16:00"), creatinine(88.4, time="08:00")], [18.0]),
    ("one of the future is none", [creatinine(88.4, NEXT_MONTH), creatinine(300)], [18.0]),
    ("only one of the future", [creatinine(300, NEXT_MONTH)], []),
    ("one told as a bound gives no number", [creatinine(Below(30))], []),
    ("nor as a lower bound", [creatinine(AtLeast(1200))], []),
    ("an eGFR of the same day was reported", [creatinine(300), egfr(20)], []),
    ("an eGFR of an earlier day", [creatinine(300), egfr(60, LAST_YEAR)], [18.0]),
    ("an eGFR of that morning", [creatinine(300, time="16:00"), egfr(60, time="08:00")], [18.0]),
    ("an eGFR of the future", [creatinine(300), egfr(60, NEXT_MONTH)], [18.0]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "results", "expected"), KIDNEY, ids=[row[0] for row in KIDNEY])
def test_kidney_function(what: str, results: list[Observation], expected: list[float]) -> None:
    assert computed(*results) == expected


WEIGHED = [(LAST_MONTH, 70.0), (None, 70.0), (LAST_YEAR, None), (NEXT_MONTH, None)]


@pytest.mark.parametrize(("day", "kilograms"), WEIGHED)
def test_a_weighing_of_the_last_year_counts(day: date | None, kilograms: float | None) -> None:
    assert derived(who(Observation(WEIGHT, 70000, "g", day)), TODAY).weight_kg == kilograms


def test_a_weight_told_as_a_bound_is_no_weight() -> None:
    assert derived(who(Observation(WEIGHT, Below(70), "kg", LAST_MONTH)), TODAY).weight_kg is None


def glucose(value: float, day: date | None, time: str = "") -> Observation:
    return Observation(GLUCOSE, value, "mmol/L", day, time=time)


ROWS: list[tuple[str, list[Observation], float | None]] = [
    ("the later of a day", [glucose(7, LAST_MONTH, "16:00"), glucose(5, LAST_MONTH, "08:00")], 7),
    ("one of the future is none", [glucose(7, LAST_MONTH), glucose(5, NEXT_MONTH)], 7),
    ("a bound is no number", [glucose(Below(3.9), LAST_MONTH)], None),
]


@pytest.mark.parametrize(("what", "results", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_chart_as_a_row_of_residents(what: str, results: list[Observation], expected: float | None) -> None:
    assert row(Facts(who(*results), (), TODAY)).get("fpg_mmol") == expected


def test_lists_that_came_in_part_say_yes_but_never_no() -> None:
    lowering = Medication(load().formulary.resolve(name="amlodipine"))
    lists = frozenset({"conditions", "medications"})
    taking = Patient(conditions=(), medications=(lowering,), partial=lists)
    nothing = Patient(conditions=(), medications=(), partial=lists)
    told = [row(Facts(patient, (), TODAY)) for patient in (taking, nothing)]
    assert [one.get("bp_medication") for one in told] == [True, None]
    assert not {"hypertension", "diabetes", "cvd"} & (told[0].keys() | told[1].keys())


#                 diagnosis   ordered        found
BY_DIAGNOSIS = [("Z88.0", "amoxicillin", "allergy"), ("Z88.0", "ibuprofen", ""), ("Z88.2", "复方磺胺甲噁唑", "allergy"),
                ("Z88.5", "morphine", "allergy"), ("Z88.8", "amoxicillin", "")]  # fmt: skip


@pytest.mark.parametrize("allergies", [None, [], [{"name": "虾"}]])
@pytest.mark.parametrize(("code", "drug", "kind"), BY_DIAGNOSIS)
def test_a_history_of_allergy_among_the_diagnoses_is_an_allergy(
    client: TestClient, allergies: Any, code: str, drug: str, kind: str
) -> None:
    body = {"patient": {"conditions": [{"code": code}], "allergies": allergies}, "orders": [{"drug": {"name": drug}}]}
    alerts = client.post("/api/v1/orders/check?lang=en", json=body).json()["alerts"]
    assert ("allergy" in {alert["kind"] for alert in alerts}) == bool(kind)


def test_an_allergy_to_antibiotics_not_named_is_said_to_be_unmapped(client: TestClient) -> None:
    body = {"patient": {"conditions": [{"code": "Z88.1"}]}, "orders": [{"drug": {"name": "ceftriaxone"}}]}
    answer = client.post("/api/v1/orders/check?lang=zh", json=body).json()
    assert [one["text"] for one in answer["unmapped"]] == ["Z88.1 其他抗生素过敏史"]
