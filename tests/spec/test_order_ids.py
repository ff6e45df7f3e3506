"""An order without an id is numbered by its place, around the ids that others have."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cdss.rules.pack import load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.order_ids import numbered

NUMBERED: list[tuple[list[str | None], list[str]]] = [
    ([None, None], ["1", "2"]),
    (["a", None], ["a", "2"]),
    (["2", None], ["2", "3"]),  # its place, 2, is taken: the first number beyond all places
    ([None, "1"], ["3", "1"]),
    (["2", "3", None, None], ["2", "3", "5", "4"]),
    (["3", "4", None, None], ["3", "4", "5", "6"]),
    (["5", "2", ""], ["5", "2", "3"]),
    (["a", "a"], ["a", "a"]),  # told twice: refused elsewhere
]


@pytest.mark.parametrize(("told", "ids"), NUMBERED)
def test_numbers_go_around_what_is_taken(told: list[str | None], ids: list[str]) -> None:
    assert numbered(told) == ids


def test_an_order_named_as_the_place_of_another_is_no_fault(client: TestClient) -> None:
    orders = [{"id": "2", "drug": {"name": "warfarin"}}, {"drug": {"name": "ibuprofen"}}]
    answer = client.post("/api/v1/orders/check", json={"patient": {}, "orders": orders})
    alerts: list[dict[str, Any]] = answer.json()["alerts"]
    assert ["2", "3"] in [sorted(alert["orders"]) for alert in alerts if alert["kind"] == "interaction"]


def test_nor_is_it_in_fhir() -> None:
    drafts = [
        {"resourceType": "MedicationRequest", "status": "draft", "medicationCodeableConcept": {"text": text}, **id}
        for text, id in (("warfarin", {"id": "2"}), ("ibuprofen", {}))
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": draft} for draft in drafts]}
    request = {"hook": "order-sign", "hookInstance": "1", "context": {"patientId": "p1", "draftOrders": bundle}}
    assert [order.id for order in asked(request, load()).facts.orders] == ["2", "3"]
