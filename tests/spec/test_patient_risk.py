"""The CDS Hooks service `patient-risk`: what a family doctor sees on opening a chart."""

import json
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

LOINC, UCUM, SNOMED = "http://loinc.org", "http://unitsofmeasure.org", "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
WOMAN = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1956-03-02"}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": {"subject": {"reference": "Patient/p1"}, **one}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def seen(loinc: str, value: float, unit: str) -> dict[str, Any]:
    """A result of this month's visit (the service's day is today)."""
    return {"resourceType": "Observation", "status": "final", **measured(loinc, value, unit)}


def measured(loinc: str, value: float, unit: str) -> dict[str, Any]:
    quantity = {"value": value, "unit": unit, "code": unit, "system": UCUM}
    return {"code": {"coding": [{"system": LOINC, "code": loinc}]}, "valueQuantity": quantity}


def pressure(systolic: float, diastolic: float) -> dict[str, Any]:
    parts = [measured("8480-6", systolic, "mm[Hg]"), measured("8462-4", diastolic, "mm[Hg]")]
    return {"resourceType": "Observation", "status": "final", "component": parts,
            "code": {"coding": [{"system": LOINC, "code": "85354-9"}]}}  # fmt: skip


def condition(system: str, code: str, text: str = "") -> dict[str, Any]:
    coding = [{"system": system, "code": code}] if code else []
    return {"resourceType": "Condition", "code": {"coding": coding, "text": text}}


def cards(client: TestClient, lang: str = "en", patient: Any = WOMAN, **prefetch: Any) -> list[dict[str, Any]]:
    request = {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": {"patient": patient, **prefetch},
    }
    answer = client.post(f"/cds-services/patient-risk?lang={lang}", content=json.dumps(request).encode())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


def text(found: list[dict[str, Any]]) -> str:
    return "\n".join(card["summary"] + "\n" + card["detail"] for card in found)


def test_an_emergency_comes_first_and_says_what_to_do(client: TestClient) -> None:
    found = cards(client, vitals=bundle(pressure(186, 104)))
    assert found[0]["summary"].startswith("Blood pressure 186 mmHg / 104 mmHg reaches the emergency level")
    assert "Contact and verify today" in found[0]["detail"]
    assert "needs clinical review" in found[0]["detail"]
    assert "not a cleared medical device" in found[0]["detail"]


HYPERTENSION = [
    ("ICD-10", condition(ICD10, "I10")),
    ("SNOMED CT", condition(SNOMED, "38341003")),
    ("a name alone", condition("", "", "高血压")),
]


@pytest.mark.parametrize(("told", "resource"), HYPERTENSION, ids=[row[0] for row in HYPERTENSION])
def test_known_hypertension_is_known_however_it_is_coded(
    client: TestClient, told: str, resource: dict[str, Any]
) -> None:
    found = cards(client, conditions=bundle(resource), vitals=bundle(pressure(152, 88)))
    assert "pathway/bp-control" in text(found)
    assert "pathway/bp-screening" not in text(found)


def test_a_condition_nobody_can_read_is_not_taken_for_no_hypertension(client: TestClient) -> None:
    """A local code may mean hypertension: neither the rule for those who have it nor the other one may speak."""
    found = cards(client, conditions=bundle(condition("urn:local", "H-77")), vitals=bundle(pressure(152, 88)))
    assert "pathway/bp-control" not in text(found)
    assert "pathway/bp-screening" not in text(found)


def test_coded_conditions_without_hypertension_say_no(client: TestClient) -> None:
    found = cards(client, conditions=bundle(condition(ICD10, "M17")), vitals=bundle(pressure(152, 88)))
    assert "pathway/bp-screening" in text(found)


def test_the_scores_name_model_version_and_reasons(client: TestClient) -> None:
    vitals = bundle(seen("39156-5", 31, "kg/m2"), seen("8280-0", 98, "cm"), pressure(138, 82))
    glucose = bundle(seen("14771-0", 6.6, "mmol/L"))
    scores = cards(client, vitals=vitals, laboratory=glucose, conditions=bundle(condition(ICD10, "M17")))[-1]
    assert scores["indicator"] == "info"
    for said in ("diabetes_incident_cn", "1.0.1", "fasting glucose 6.6 mmol/L", "BMI 31 kg/m2"):
        assert said in scores["detail"]


def test_units_are_converted(client: TestClient) -> None:
    """119 mg/dL is 6.6 mmol/L."""
    found = cards(client, laboratory=bundle(seen("1558-6", 119, "mg/dL")), vitals=bundle(seen("39156-5", 31, "kg/m2")))
    assert "fasting glucose 6.6 mmol/L" in text(found)


def test_without_a_birth_date_nothing_is_scored_and_that_is_said(client: TestClient) -> None:
    nobody = {"resourceType": "Patient", "id": "p1", "gender": "female"}
    (card,) = cards(client, patient=nobody)
    assert card["summary"] == "Chronic disease risk could not be assessed"
    assert "age is missing" in card["detail"]


def test_without_a_birth_date_an_emergency_is_still_one(client: TestClient) -> None:
    nobody = {"resourceType": "Patient", "id": "p1", "gender": "female"}
    first, last = cards(client, patient=nobody, vitals=bundle(pressure(186, 104)))
    assert "emergency" in first["summary"]
    assert "age is missing" in last["detail"]


def test_chinese(client: TestClient) -> None:
    found = cards(client, "zh", vitals=bundle(pressure(186, 104)))
    assert found[0]["summary"].startswith("血压 186 mmHg / 104 mmHg，达到危急值")


def test_without_models_the_hook_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from cdss.serving.population import hook

    services = client.app.state.hook_services  # type: ignore[attr-defined]
    monkeypatch.setitem(services, "patient-risk", hook.service(None))
    (card,) = cards(client)
    assert card["summary"] == "Risk models not available; risk was not assessed"
