"""What FHIR says in its many ways is understood alike: doses, times, routes, references, states, conditions."""

from datetime import date
from typing import Any

import pytest

from cdss.rules.facts import Facts, Order
from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import Asked

UCUM, ATC, SNOMED = "http://unitsofmeasure.org", "http://www.whocc.no/atc", "http://snomed.info/sct"
WHO = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1960-01-01"}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def ask(pack: Pack, *resources: dict[str, Any]) -> Asked:
    entries = [{"resource": {"subject": {"reference": "Patient/p1"}, **one}} for one in resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": WHO}, *entries]}
    return asked(bundle, pack)


def facts(pack: Pack, *resources: dict[str, Any]) -> Facts:
    return ask(pack, *resources).facts


def request(**more: Any) -> dict[str, Any]:
    named = {} if {"medicationReference", "medicationCodeableConcept"} & more.keys() else METFORMIN
    return {"resourceType": "MedicationRequest", "id": "r1", "status": "draft", "intent": "order", **named, **more}


METFORMIN = {"medicationCodeableConcept": {"text": "盐酸二甲双胍片"}}


def order(pack: Pack, **more: Any) -> Order:
    (one,) = facts(pack, request(**more)).orders
    return one


def dosage(value: float = 500, **more: Any) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg", "system": UCUM, "code": "mg"}}], **more}


def every(frequency: float, period: float, unit: str) -> dict[str, Any]:
    return {"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit}}}


TIMES = [
    ("twice a day", every(2, 1, "d"), 2),
    ("every 8 hours", every(1, 8, "h"), 3),
    ("once a week", every(1, 1, "wk"), 1 / 7),
    ("every other day", every(1, 2, "d"), 1 / 2),
    ("bid as a code", {"timing": {"code": {"coding": [{"code": "BID"}]}}}, 2),
    ("words", {"timing": {"code": {"text": "每日三次"}}}, 3),
]


@pytest.mark.parametrize(("what", "timing", "times"), TIMES, ids=[row[0] for row in TIMES])
def test_how_often(pack: Pack, what: str, timing: dict[str, Any], times: float) -> None:
    assert order(pack, dosageInstruction=[dosage(**timing)]).times_a_day == pytest.approx(times)


def test_of_several_instructions_the_largest_dose_counts(pack: Pack) -> None:
    one = order(pack, dosageInstruction=[dosage(500), dosage(1000), dosage(250)])
    assert one.dose
    assert (one.dose.value, one.dose.unit) == (1000, "mg")


@pytest.mark.parametrize("route", [{"text": "口服"}, {"coding": [{"system": SNOMED, "code": "26643006"}]}])
def test_by_mouth(pack: Pack, route: dict[str, Any]) -> None:
    assert order(pack, dosageInstruction=[dosage(route=route)]).route == "po"


DURATIONS = [
    ("bounds", {"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": {"value": 2, "code": "wk"}}}}]}),
    ("supply", {"dispenseRequest": {"expectedSupplyDuration": {"value": 14, "unit": "d"}}}),
]


@pytest.mark.parametrize(("what", "told"), DURATIONS, ids=[row[0] for row in DURATIONS])
def test_for_how_long(pack: Pack, what: str, told: dict[str, Any]) -> None:
    assert order(pack, **told).duration_days == pytest.approx(14)


CODED = {"code": {"coding": [{"system": ATC, "code": "A10BA02"}]}}
REFERENCES = [
    ("contained", [], {"medicationReference": {"reference": "#m"},
                       "contained": [{"resourceType": "Medication", "id": "m", **CODED}]}),
    ("sent along", [{"resourceType": "Medication", "id": "m", **CODED}],
     {"medicationReference": {"reference": "Medication/m"}}),
    ("by its display", [], {"medicationReference": {"reference": "Medication/elsewhere", "display": "metformin"}}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "beside", "told"), REFERENCES, ids=[row[0] for row in REFERENCES])
def test_a_medication_by_reference(pack: Pack, what: str, beside: list[Any], told: dict[str, Any]) -> None:
    (one,) = facts(pack, *beside, request(**told)).orders
    assert one.drug.atc == ("A10BA02",)


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "stopped", "completed"])
def test_what_is_over_is_neither_ordered_nor_taken(pack: Pack, status: str) -> None:
    found = facts(pack, request(), request(id="r2", status=status), {**request(id="r3"), "doNotPerform": True})
    assert [one.id for one in found.orders] == ["r1"]
    assert not found.patient.medications


CONDITIONS = [
    ("ICD-10", {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "n18.4"}]}, "N18.4", 0),
    ("GB/T 14396", {"coding": [{"system": "urn:oid:2.16.156.10011.2.3.3.11", "code": "N18.4"}]}, "N18.4", 0),
    ("SNOMED CT", {"coding": [{"system": SNOMED, "code": "431857002"}]}, "N18.4", 0),
    ("a SNOMED code we do not know", {"coding": [{"system": SNOMED, "code": "1"}]}, "1", 1),
    ("a name alone", {"text": "慢性肾脏病"}, "N18", 0),
    ("a name nobody knows", {"text": "某种怪病"}, "", 1),
]


@pytest.mark.parametrize(("what", "concept", "code", "notes"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition_is_known_by_icd10_or_it_is_said(
    pack: Pack, what: str, concept: dict[str, Any], code: str, notes: int
) -> None:
    found = ask(pack, request(), {"resourceType": "Condition", "code": concept})
    assert [one.code for one in found.facts.patient.conditions or ()] == [code]
    said = [alert for alert in found.notes.alerts if alert.rule == "data/condition-uncoded"]
    assert len(said) == notes
    assert all("conditions without an ICD-10 code: 1" in alert.summary.en for alert in said)


def test_a_resolved_or_refuted_condition_is_not_there(pack: Pack) -> None:
    gone = {"clinicalStatus": {"coding": [{"code": "resolved"}]}}
    refuted = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    gout = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "M10"}]},
    }
    assert not facts(pack, request(), gout | gone, gout | refuted).patient.conditions


def test_an_old_chart_is_judged_by_the_day_it_is_asked(pack: Pack) -> None:
    assert facts(pack, request()).day == date.today()  # noqa: DTZ011
