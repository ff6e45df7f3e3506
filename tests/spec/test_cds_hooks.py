"""CDS Hooks 2.0.1 as an EMR meets it."""

import json
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1956-03-02"}


def medicine(id: str, text: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": text},
        **more,
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def sign(*orders: dict[str, Any], **prefetch: Any) -> dict[str, Any]:
    return {
        "hook": "order-sign",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": bundle(*orders)},
        "prefetch": {"patient": PATIENT, **prefetch},
    }


def cards(client: TestClient, request: dict[str, Any], service: str = "order-check-sign") -> list[dict[str, Any]]:
    answer = client.post(f"/cds-services/{service}", content=json.dumps(request).encode())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


def test_discovery_names_the_services(client: TestClient) -> None:
    services = {one["id"]: one["hook"] for one in client.get("/cds-services").json()["services"]}
    assert services["order-check-select"] == "order-select"
    assert services["order-check-sign"] == "order-sign"
    assert services["patient-risk"] == "patient-view"


def test_a_dangerous_pair_is_a_card_that_can_be_overridden(client: TestClient) -> None:
    card = cards(client, sign(medicine("m1", "华法林钠片"), medicine("m2", "布洛芬缓释胶囊")))[0]
    assert card["indicator"] == "warning"
    assert card["summary"] == "warfarin + ibuprofen: avoid"
    assert "interaction/" in card["detail"]
    assert {reason["code"] for reason in card["overrideReasons"]} >= {"benefit-outweighs-risk", "data-wrong"}


def test_a_contraindicated_order_can_be_withdrawn_from_the_card(client: TestClient) -> None:
    card = cards(client, sign(medicine("m1", "simvastatin"), medicine("m2", "clarithromycin")))[0]
    assert (card["indicator"], card["selectionBehavior"]) == ("critical", "at-most-one")
    assert card["suggestions"][0]["actions"] == [
        {"type": "delete", "description": "Withdraw this order", "resourceId": "MedicationRequest/m1"}
    ]


def test_what_is_taken_already_counts(client: TestClient) -> None:
    taken = bundle(medicine("t1", "warfarin", status="active"))
    found = cards(client, sign(medicine("m1", "ibuprofen"), medications=taken))
    assert found[0]["summary"] == "ibuprofen + warfarin: avoid"


@pytest.mark.parametrize(
    "draft",
    [
        medicine("t1", "瑞舒伐他汀钙片"),  # the prescription itself, changed
        medicine("m1", "瑞舒伐他汀钙片", priorPrescription={"reference": "MedicationRequest/t1"}),
    ],
    ids=["the same id", "prior prescription"],
)
def test_a_prescription_that_is_replaced_is_taken_no_longer(client: TestClient, draft: dict[str, Any]) -> None:
    taken = bundle(medicine("t1", "阿托伐他汀钙片", status="active"))
    assert not [card for card in cards(client, sign(draft, medications=taken)) if "阿托伐他汀" in card["summary"]]
    assert [
        card
        for card in cards(client, sign(medicine("m1", "瑞舒伐他汀钙片"), medications=taken))
        if "class" in card["summary"]
    ]


def test_selecting_shows_only_what_concerns_the_selection(client: TestClient) -> None:
    request = sign(medicine("m1", "warfarin"), medicine("m2", "ibuprofen"), medicine("m3", "simvastatin"))
    request["hook"] = "order-select"
    request["context"]["selections"] = ["MedicationRequest/m3"]
    assert not [card for card in cards(client, request, "order-check-select") if "ibuprofen" in card["summary"]]


def test_another_patients_data_are_left_out_and_said(client: TestClient) -> None:
    stranger = bundle(medicine("t1", "warfarin", patient="p2", status="active"))
    found = cards(client, sign(medicine("m1", "ibuprofen"), medications=stranger))
    summaries = [card["summary"] for card in found]
    assert not [text for text in summaries if "warfarin" in text]
    assert "1 resources belong to another patient and were not used; check the patient's identity" in summaries


def test_a_failed_prefetch_is_said(client: TestClient) -> None:
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    found = cards(client, sign(medicine("m1", "ibuprofen"), medications=failed))
    assert "prefetch medications failed: the rules that need it were not checked" in [c["summary"] for c in found]


def test_markup_in_the_request_never_reaches_a_card(client: TestClient) -> None:
    found = cards(client, sign(medicine("m1", "<img src=x onerror=alert(1)>"), medicine("m2", "[a](javascript:x)")))
    text = json.dumps(found)
    assert "<img" not in text
    assert "](javascript" not in text


def test_laboratory_results_are_read_with_their_units(client: TestClient) -> None:
    egfr = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "98979-8"}]},
        "effectiveDateTime": "2026-11-01",
        "valueQuantity": {"value": 25, "unit": "mL/min/1.73m2", "code": "mL/min/{1.73_m2}"},
    }
    found = cards(client, sign(medicine("m1", "盐酸二甲双胍片"), laboratory=bundle(egfr)))
    assert found[0]["indicator"] == "critical"
    assert "eGFR 25" in found[0]["summary"]


REFUSED = [
    ("wrong-hook", lambda r: {**r, "hook": "patient-view"}, 400, "this service answers order-sign"),
    ("no context", lambda r: {k: v for k, v in r.items() if k != "context"}, 400, "missing required field `context`"),
    ("no instance", lambda r: {k: v for k, v in r.items() if k != "hookInstance"}, 400, "`hookInstance`"),
    ("no draft orders", lambda r: {**r, "context": {"patientId": "p1"}}, 400, "found no context.draftOrders"),
]


@pytest.mark.parametrize(("what", "change", "status", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_bad_call_is_an_operation_outcome(client: TestClient, what: str, change: Any, status: int, says: str) -> None:
    answer = client.post("/cds-services/order-check-sign", content=json.dumps(change(sign())).encode())
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert says in answer.json()["issue"][0]["diagnostics"]


def test_a_service_that_does_not_exist(client: TestClient) -> None:
    assert client.post("/cds-services/nothing", content=b"{}").status_code == 404


def test_feedback_is_stored_once_however_often_it_is_sent(client: TestClient) -> None:
    card = cards(client, sign(medicine("m1", "warfarin"), medicine("m2", "ibuprofen")))[0]
    said = {
        "card": card["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-21T08:00:00Z",
        "overrideReason": {"reason": {"code": "will-monitor", "system": "urn:wangdi-cdss:override"}},
    }
    for _ in range(3):
        assert client.post("/cds-services/order-check-sign/feedback", json={"feedback": [said]}).status_code == 200


def test_something_else_can_be_ordered_from_the_card(client: TestClient) -> None:
    card = cards(client, sign(medicine("m1", "clopidogrel"), medicine("m2", "omeprazole")))[0]
    assert card["selectionBehavior"] == "at-most-one"
    first = card["suggestions"][0]
    assert first["label"].startswith("Order pantoprazole instead: inhibits CYP2C19 less")
    delete, create = first["actions"]
    assert (delete["type"], delete["resourceId"]) == ("delete", "MedicationRequest/m2")
    assert create["type"] == "create"
    assert create["resource"] == {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": "A02BC02", "display": "pantoprazole"}],
            "text": "pantoprazole",
        },
    }


def test_suggestions_stand_beside_withdrawing_and_at_most_one_is_recommended(client: TestClient) -> None:
    request = sign(medicine("m1", "simvastatin"), medicine("m2", "clarithromycin"))
    card = cards(client, request)[0]
    labels = [suggestion["label"] for suggestion in card["suggestions"]]
    assert labels[0] == "Withdraw this order"
    assert [label for label in labels if label.startswith("Order azithromycin instead")]
    assert [s.get("isRecommended", False) for s in card["suggestions"]].count(True) == 1
    ids = [suggestion["uuid"] for suggestion in card["suggestions"]]
    assert len({uuid.UUID(id) for id in ids}) == len(ids)


def test_the_patients_allergy_keeps_an_alternative_back(client: TestClient) -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": "azithromycin"},
        "patient": {"reference": "Patient/p1"},
    }
    found = cards(
        client, sign(medicine("m1", "simvastatin"), medicine("m2", "clarithromycin"), allergies=bundle(allergy))
    )
    card = next(card for card in found if card["summary"].startswith("simvastatin + clarithromycin"))
    assert not [s for s in card["suggestions"] if "azithromycin" in s["label"]]


def test_what_is_only_worth_knowing_stands_on_one_card(client: TestClient) -> None:
    drugs = ("amlodipine", "valsartan", "furosemide", "sertraline", "mirtazapine", "prednisone", "tamsulosin")
    found = cards(client, sign(*(medicine(f"m{n}", drug) for n, drug in enumerate(drugs))))
    (gathered,) = [card for card in found if "more points to take into account" in card["summary"]]
    number = int(gathered["summary"].split()[0])
    assert number > 2
    assert gathered["detail"].count("**take into account**") == number
    assert not [card for card in found if card["summary"].endswith(": take into account")]
