"""The CDS Hooks service `medication-verify`: a pharmacist reviews what was signed (前置审方)."""

import json
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1956-03-02"}


def medicine(id: str, text: str) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": text}}  # fmt: skip


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def verify(client: TestClient, key: str, *orders: dict[str, Any], **prefetch: Any) -> Any:
    request = {
        "hook": "medication-verify",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/9", "patientId": "p1", key: bundle(*orders)},
        "prefetch": {"patient": PATIENT, **prefetch},
    }
    answer = client.post("/cds-services/medication-verify?lang=en", content=json.dumps(request).encode())
    assert answer.status_code == 200, answer.text
    return answer.json()["cards"]


def test_discovery_names_it(client: TestClient) -> None:
    (service,) = [
        one for one in client.get("/cds-services?lang=zh").json()["services"] if one["id"] == "medication-verify"
    ]
    assert (service["hook"], service["title"]) == ("medication-verify", "前置审方")


@pytest.mark.parametrize("key", ["draftOrders", "medications"])
def test_it_checks_as_before_signing(client: TestClient, key: str) -> None:
    cards = verify(client, key, medicine("m1", "华法林钠片"), medicine("m2", "布洛芬缓释胶囊"))
    assert cards[0]["indicator"] == "warning"
    assert "warfarin" in cards[0]["summary"]


def test_a_signed_order_is_no_duplicate_of_itself(client: TestClient) -> None:
    order = medicine("m1", "阿托伐他汀钙片")
    cards = verify(client, "draftOrders", order, medications=bundle(order))
    assert not [card for card in cards if card["source"]["topic"]["code"] == "duplicate"]


def test_another_order_of_the_same_medicine_is_one(client: TestClient) -> None:
    cards = verify(
        client, "draftOrders", medicine("m1", "阿托伐他汀钙片"), medications=bundle(medicine("m2", "阿托伐他汀"))
    )
    assert [card for card in cards if card["source"]["topic"]["code"] == "duplicate"]


def test_without_orders_it_is_refused(client: TestClient) -> None:
    request = {"hook": "medication-verify", "hookInstance": "1", "context": {"patientId": "p1"}}
    answer = client.post("/cds-services/medication-verify", json=request)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"
