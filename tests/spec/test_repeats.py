"""Within an encounter the same alert does not nag: it is gathered in one card, never dropped, and never forgotten."""

import uuid
from collections.abc import Iterable
from typing import Any

from starlette.testclient import TestClient

PATIENT = {"resourceType": "Patient", "id": "p9", "gender": "male", "birthDate": "1966-03-02"}


def medicine(id: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": id, "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/p9"}, "medicationCodeableConcept": {"text": text},
    }  # fmt: skip


def sign(client: TestClient, encounter: str, *drugs: str) -> list[dict[str, Any]]:
    return call(client, encounter, [medicine(f"m{number}", drug) for number, drug in enumerate(drugs)])


def call(
    client: TestClient, encounter: str, orders: list[dict[str, Any]], *results: dict[str, Any]
) -> list[dict[str, Any]]:
    """The cards for orders being signed; `results` are in the chart."""
    request = {
        "hook": "order-sign",
        "hookInstance": str(uuid.uuid4()),
        "context": {
            "userId": "Practitioner/1", "patientId": "p9", "encounterId": encounter, "draftOrders": bundle(orders),
        },
        "prefetch": {"patient": PATIENT, "observations": bundle(results)},
    }  # fmt: skip
    answer = client.post("/cds-services/order-check-sign", json=request)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


def bundle(resources: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def override(client: TestClient, card: dict[str, Any]) -> None:
    said = {
        "card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-25T10:00:00Z",
        "overrideReason": {"reason": {"code": "will-monitor", "system": "urn:wangdi-cdss:override"}},
    }  # fmt: skip
    answer = client.post("/cds-services/order-check-sign/feedback", json={"feedback": [said]})
    assert answer.status_code == 200, answer.text


def about(cards: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    return [card for card in cards if card["summary"].startswith(words)]


PAIR = ("warfarin", "ibuprofen")
SUMMARY = "warfarin + ibuprofen"


def test_what_interrupts_is_shown_again_until_it_is_overridden(client: TestClient) -> None:
    first = about(sign(client, "e1", *PAIR), SUMMARY)
    again = about(sign(client, "e1", *PAIR), SUMMARY)
    assert len(first) == len(again) == 1
    override(client, again[0])
    after = sign(client, "e1", *PAIR)
    assert not about(after, SUMMARY)
    (gathered,) = [card for card in after if "shown before" in card["summary"]]
    assert SUMMARY.replace("+", r"\+") in gathered["detail"]
    assert "overridden: Will monitor or adjust the dose" in gathered["detail"]
    assert gathered["indicator"] == "info"


def test_in_another_encounter_it_is_new(client: TestClient) -> None:
    override(client, about(sign(client, "e2", *PAIR), SUMMARY)[0])
    assert about(sign(client, "e3", *PAIR), SUMMARY)


def test_what_is_contraindicated_is_always_shown(client: TestClient) -> None:
    pair = ("simvastatin", "clarithromycin")
    words = "simvastatin + clarithromycin"
    override(client, about(sign(client, "e4", *pair), words)[0])
    assert about(sign(client, "e4", *pair), words)


def test_without_an_encounter_everything_is_shown_every_time(client: TestClient) -> None:
    assert sorted(c["summary"] for c in sign(client, "", *PAIR)) == sorted(
        c["summary"] for c in sign(client, "", *PAIR)
    )


def test_what_does_not_interrupt_is_shown_once(client: TestClient) -> None:
    first, again = (sign(client, "e5", "warfarin", "paracetamol") for _ in range(2))
    shown = {card["summary"] for card in first if card["indicator"] == "info" and "+" in card["summary"]}
    assert shown
    assert not shown & {card["summary"] for card in again}


def metformin(grams: float) -> dict[str, Any]:
    dose = {"value": grams, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}
    timing = {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}
    return medicine("m1", "metformin") | {
        "dosageInstruction": [{"timing": timing, "doseAndRate": [{"doseQuantity": dose}]}]
    }


def egfr(value: float) -> dict[str, Any]:
    unit = "mL/min/{1.73_m2}"
    return {
        "resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p9"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "98979-8"}]},
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }  # fmt: skip


def test_a_result_that_came_in_between_makes_the_alert_new(client: TestClient) -> None:
    order = medicine("m1", "metformin")
    assert about(call(client, "e10", [order]), "No eGFR within a year")
    shown = [bool(about(call(client, "e10", [order], egfr(40)), "Caution: eGFR 40")) for _ in range(2)]
    assert shown == [True, False]


def test_an_overridden_dose_that_was_raised_is_shown_again(client: TestClient) -> None:
    words = "Too much metformin"
    override(client, about(call(client, "e11", [metformin(0.9)]), words)[0])
    assert not about(call(client, "e11", [metformin(0.9)]), words)
    (raised,) = about(call(client, "e11", [metformin(2.7)]), words)
    assert "8100 mg a day" in raised["summary"]


def paracetamol(client: TestClient, encounter: str, grams: float, **more: Any) -> dict[str, Any]:
    order = {"id": "o1", "drug": {"name": "paracetamol"}, "dose": {"value": grams, "unit": "g"}, "frequency": "tid"}
    body = {"lang": "en", "encounter": encounter, "patient": {"id": "p9"}, "orders": [order], **more}
    alerts = client.post("/api/v1/orders/check", json=body).json()["alerts"]
    return next(alert for alert in alerts if alert["rule"] == "dose/paracetamol")


def test_what_was_overridden_as_a_hint_interrupts_once_it_is_worse(client: TestClient) -> None:
    """Also where the override comes with the very request that raises the dose: it was said of the hint."""
    hint = paracetamol(client, "e12", 0.9)
    said = {"overrides": [{"alert": hint["id"], "reason": "will-monitor"}]}
    worse = [paracetamol(client, "e12", 1.3, **more) for more in (said, {})]
    assert hint["severity"] == "consider"
    assert [(one["severity"], one["interruptive"], one["repeated"]) for one in worse] == [("avoid", True, False)] * 2
    assert paracetamol(client, "e12", 0.9)["overridden"] == "will-monitor"


def simple(client: TestClient, encounter: str = "", **more: Any) -> dict[str, Any]:
    body = {
        "lang": "en", "encounter": encounter, "patient": {"id": "p9", "medications": []},
        "orders": [{"id": "o1", "drug": {"name": "warfarin"}}, {"id": "o2", "drug": {"name": "ibuprofen"}}], **more,
    }  # fmt: skip
    answer = client.post("/api/v1/orders/check", json=body).json()
    return next(alert for alert in answer["alerts"] if alert["kind"] == "interaction")


def test_a_simple_order_says_what_the_doctor_went_on_in_spite_of(client: TestClient) -> None:
    first = simple(client, "e6")
    assert (first["interruptive"], first["repeated"], first["overridden"]) == (True, False, "")
    said = {"overrides": [{"alert": first["id"], "reason": "will-monitor"}]}
    assert simple(client, "e6", **said)["interruptive"] is False
    later = simple(client, "e6")
    assert (later["interruptive"], later["repeated"], later["overridden"]) == (False, True, "will-monitor")
    assert simple(client, "e7")["interruptive"] is True


def test_without_an_encounter_an_override_holds_for_its_own_request(client: TestClient) -> None:
    said = {"overrides": [{"alert": simple(client)["id"], "reason": "will-monitor"}]}
    assert simple(client, **said)["overridden"] == "will-monitor"
    assert simple(client)["interruptive"] is True


def test_what_is_contraindicated_interrupts_whatever_was_said(client: TestClient) -> None:
    orders = [{"id": "o1", "drug": {"name": "simvastatin"}}, {"id": "o2", "drug": {"name": "clarithromycin"}}]
    said = {"overrides": [{"alert": simple(client, "e8", orders=orders)["id"], "reason": "will-monitor"}]}
    assert simple(client, "e8", orders=orders, **said)["interruptive"] is True
