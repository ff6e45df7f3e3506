"""What is said of the likeliest bad orders: what was found, what was expected, what to do, in both languages.

A request that makes no sense is refused with the place of its fault. One that only lacks or misstates something about
the patient is answered, and what was not used is said beside the answer: no order is ever blocked by bad data.
"""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

GOOD: dict[str, Any] = {
    "patient": {"birth_date": "1950-03-01", "sex": "male", "medications": [], "allergies": [], "conditions": []},
    "orders": [{"id": "o1", "drug": {"name": "metformin"}}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one value replaced: patient.sex, orders.0.drug ..."""
    request = json.loads(json.dumps(GOOD))
    *parents, last = path.split(".")
    place = request
    for step in parents:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return request


def post(client: TestClient, body: Any, lang: str = "en") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/api/v1/orders/check?lang={lang}", content=content)


REFUSED = [
    ("an empty body", b"", 400, None, "found an empty body, expected JSON"),
    ("not JSON", b"{orders", 400, None, "not JSON: Expecting property name"),
    ("GB18030 bytes", '{"名": 1}'.encode("gb18030"), 400, None, "is not UTF-8 (is it GB18030?); send UTF-8"),
    ("a key twice", b'{"orders": [], "orders": []}', 400, None, "found a key twice in one object; keep one"),
    ("too deep", b"[" * 70 + b"]" * 70, 400, None, "found JSON nested deeper than 64"),
    ("half a character", b'{"patient": {"id": "a\\ud800"}, "orders": []}', 400, None,
     r"found \ud800, half of a surrogate pair, which is no character (was a text cut?); leave it out"),
    ("half a character as a key", b'{"\\uDFFF": 1}', 400, None, r"found \udfff, half of a surrogate pair"),
    ("a number beyond any", b'{"value": 1e999}', 400, None, "found a number beyond 1.8e308; send a smaller one"),
    ("one below any", b'{"value": -1e999}', 400, None, "found a number beyond 1.8e308; send a smaller one"),
    ("a number without end", b'{"value": 1' + b"0" * 5000 + b"}", 400, None,
     "found a whole number of more than 309 digits"),
    ("infinity", b'{"value": Infinity}', 400, None, "found Infinity, which is not JSON"),
    ("no patient", {"orders": []}, 422, "/", "Object missing required field `patient`"),
    ("no orders", changed("orders", []), 422, "/orders", "found no orders; send at least one"),
    ("a drug without a name", changed("orders.0.drug", {}), 422, "/orders/0/drug", "a drug needs one of name, atc"),
    ("a dose as text", changed("orders.0.dose", {"value": "5", "unit": "mg"}), 422, "/orders/0/dose/value",
     "Expected `float`, got `str`"),
    ("a negative dose", changed("orders.0.dose", {"value": -5, "unit": "mg"}), 422, "/orders/0/dose/value",
     "found dose -5, expected above 0"),
    ("a wrong date", changed("patient.birth_date", "1950-13-01"), 422, "/patient/birth_date",
     "found no date, expected YYYY-MM-DD"),
    ("an order id twice", changed("orders", GOOD["orders"] * 2), 422, "/orders", "found an order id twice"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "status", "pointer", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(client: TestClient, what: str, body: Any, status: int, pointer: str | None, says: str) -> None:
    answer = post(client, body)
    problem = answer.json()
    assert (answer.status_code, problem.get("pointer")) == (status, pointer)
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in problem["detail"]
    assert problem["detail_zh"] != problem["detail"]


ANSWERED = [
    ("a missing birth date", changed("patient.birth_date", None), "data/birth-date-missing",
     "no birth date: rules about age were not checked"),
    ("a birth date of the future", changed("patient.birth_date", "2999-01-01"), "data/birth-date-impossible",
     "birth date 2999-01-01 is impossible and was not used"),
    ("an impossible weight", changed("patient.weight_kg", 6000), "data/weight-impossible",
     "weight 6000 kg is impossible and was not used; check the value and its unit"),
    ("an unknown sex", changed("patient.sex", "?"), "data/sex-unknown",
     "sex unknown: rules about sex were not checked"),
    ("mg/dL sent as mmol/L",
     changed("patient.observations", [{"loinc": "2345-7", "value": 126, "unit": "mmol/L"}]),
     "data/observation-impossible",
     "glucose 126 mmol/L is outside 0.5–80 mmol/L; not used, check the value and its unit"),
    ("a unit nobody knows",
     changed("patient.observations", [{"loinc": "98979-8", "value": 25, "unit": "furlong"}]),
     "data/observation-impossible", "eGFR: unit furlong cannot be converted to mL/min/{1.73_m2}; not used"),
    ("a frequency nobody knows", changed("orders.0.frequency", "now and then"), "data/frequency-unknown",
     "frequency not understood: rules about the daily dose were not checked; write qd, bid, q8h"),
    ("a condition in a local code",
     changed("patient.conditions", [{"system": "local", "code": "H-77"}, {"code": "I10"}]),
     "data/condition-uncoded", "conditions without an ICD-10 code: 1, compared by name only"),
    ("a misspelt member", changed("patient.allergy", []), "data/member-unknown",
     "member /patient/allergy is not known and was not used"),
    ("names that contradict each other", changed("orders.0.drug", {"name": "metformin", "atc": "B01AA03"}),
     "data/drug-identifiers", ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "rule", "says"), ANSWERED, ids=[row[0] for row in ANSWERED])
def test_answered_and_said(client: TestClient, what: str, body: Any, rule: str, says: str) -> None:
    answer = post(client, body)
    assert answer.status_code == 200
    said = [alert["summary"] for alert in answer.json()["alerts"] if alert["rule"] == rule]
    assert said, answer.json()["alerts"]
    assert says in said[0]
    chinese = [alert["summary"] for alert in post(client, body, "zh").json()["alerts"] if alert["rule"] == rule]
    assert chinese[0] != said[0]


def test_a_whole_surrogate_pair_is_a_character(client: TestClient) -> None:
    body = json.dumps(changed("orders.0.drug.name", "metformin \U0001f48a"))
    assert r"\ud83d\udc8a" in body
    assert post(client, body.encode()).status_code == 200


@pytest.mark.parametrize("place", ["patient.id", "orders.0.id", "orders.0.drug.name", "orders.0.frequency"])
def test_half_a_character_is_refused_wherever_it_stands(client: TestClient, place: str) -> None:
    assert post(client, changed(place, "a\ud800")).status_code == 400


def test_half_a_character_in_feedback_is_refused(client: TestClient) -> None:
    body = rb"""{"feedback": [{"card": "x", "outcome": "overridden", "outcomeTimestamp": "t",
        "overrideReason": {"userComment": "a\ud800"}}]}"""
    answer = client.post("/cds-services/order-check-sign/feedback", content=body)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")
    assert "half of a surrogate pair" in answer.json()["issue"][0]["diagnostics"]


def test_a_unit_that_was_refused_leaves_the_rule_unknown_not_normal(client: TestClient) -> None:
    body = changed("patient.observations", [{"loinc": "98979-8", "value": 25, "unit": "furlong"}])
    unknown = post(client, body).json()["unknown"]
    assert ("renal/metformin", ["egfr"]) in [(row["rule"], row["needs"]) for row in unknown]


def test_too_large_a_body_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/api/v1/orders/check", content=b" " * (5 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["title"]) == (413, "The request cannot be answered")


def test_the_input_is_never_echoed_in_a_problem(client: TestClient) -> None:
    answer = post(client, {"patient": {"birth_date": "<script>alert(1)</script>"}, "orders": []})
    assert "script" not in answer.text
