"""Doses from the request to the facts: counted, written, several a day, in both forms of request."""

from typing import Any

import pytest

from cdss.rules.facts import Medication, Order, Quantity
from cdss.rules.pack import Pack, load
from cdss.rules.terms import doses
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import Asked, answer


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def simple(pack: Pack, name: str, **order: Any) -> Asked:
    return asked({"patient": {"birth_date": "1960-01-01"}, "orders": [{"drug": {"name": name}, **order}]}, pack)


def a_day(taken: Order | Medication) -> str:
    (ingredient, *_) = taken.drug.ingredients
    found = doses.daily(taken, ingredient.id)
    return f"{found.value:g} {found.unit}" if isinstance(found, Quantity) else str(found and "unusable")


METFORMIN = "二甲双胍片 0.5g*24片"
ORDERS = [
    ("counted", METFORMIN, {"dose": {"value": 2, "unit": "片"}, "frequency": "tid"}, "3 g"),
    ("written in the frequency", METFORMIN, {"frequency": "口服，一次2片，一日3次"}, "3 g"),
    ("a dose field wins over the words", METFORMIN, {"dose": {"value": 1, "unit": "片"}, "frequency": "每次2片，tid"},
     "1.5 g"),
    ("morning and evening", METFORMIN, {"frequency": "早1g，晚0.5g"}, "1.5 g"),
    ("weighed", "metformin", {"dose": {"value": 500, "unit": "mg"}, "frequency": "bid pc"}, "1000 mg"),
    ("as needed", METFORMIN, {"dose": {"value": 2, "unit": "片"}, "frequency": "prn"}, "None"),
    ("as needed at most", METFORMIN, {"dose": {"value": 1, "unit": "片"}, "frequency": "q6h prn"}, "2 g"),
    ("strength unknown", "metformin", {"dose": {"value": 2, "unit": "片"}, "frequency": "tid"}, "unusable"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "name", "order", "expected"), ORDERS, ids=[row[0] for row in ORDERS])
def test_a_simple_order_s_day(pack: Pack, what: str, name: str, order: dict[str, Any], expected: str) -> None:
    found = simple(pack, name, **order)
    assert a_day(found.facts.orders[0]) == expected
    assert not [alert for alert in found.notes.alerts if alert.rule.startswith("data/freq")]


def test_the_words_of_a_frequency_tell_the_route_too(pack: Pack) -> None:
    assert simple(pack, METFORMIN, frequency="1.0g bid po").facts.orders[0].route == "po"


def test_a_medicine_taken_is_read_alike(pack: Pack) -> None:
    taken = {"name": METFORMIN, "dose": {"value": 2, "unit": "片"}, "frequency": "tid"}
    body = {"patient": {"medications": [taken]}, "orders": [{"drug": {"name": "aspirin"}}]}
    (medication,) = asked(body, pack).facts.patient.medications or ()
    assert a_day(medication) == "3 g"


def test_a_route_nobody_knows_is_said(pack: Pack) -> None:
    found = simple(pack, METFORMIN, route="穿墙")
    assert "data/route-unknown" in [alert.rule for alert in found.notes.alerts]
    assert found.facts.orders[0].route is None


def fhir(pack: Pack, name: str, *dosages: dict[str, Any]) -> Asked:
    request = {"resourceType": "MedicationRequest", "id": "r1", "status": "draft", "intent": "order",
               "medicationCodeableConcept": {"text": name}, "dosageInstruction": list(dosages)}  # fmt: skip
    return asked({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": request}]}, pack)


def test_fhir_morning_and_evening_are_one_day(pack: Pack) -> None:
    parts = [
        {"timing": {"repeat": {"when": [when]}}, "doseAndRate": [{"doseQuantity": {"value": value, "unit": "片"}}]}
        for when, value in (("MORN", 2), ("EVE", 1))
    ]
    (order,) = fhir(pack, METFORMIN, *parts).facts.orders
    assert a_day(order) == "1.5 g"
    assert doses.single(order, "metformin") == Quantity(1.0, "g")


def test_fhir_text_alone_is_read_and_text_that_says_nothing_is_said(pack: Pack) -> None:
    assert a_day(fhir(pack, METFORMIN, {"text": "口服，一次2片，一日3次"}).facts.orders[0]) == "3 g"
    unread = fhir(pack, METFORMIN, {"text": "遵医嘱"})
    assert [alert.orders for alert in unread.notes.alerts if alert.rule == "data/dosage-text"] == [("r1",)]


def test_a_counted_dose_that_cannot_be_used_is_said_once_and_names_the_drug(pack: Pack) -> None:
    review = answer(pack, simple(pack, "对乙酰氨基酚片", dose={"value": 2, "unit": "片"}, frequency="tid"))
    said = [alert.summary for alert in review.alerts if alert.rule == "data/unit"]
    assert len(said) <= 1
    for text in said:
        assert "对乙酰氨基酚片: 2 片" in text.zh
        assert "strength not known" in text.en


def test_a_drug_twice_under_two_names_is_a_duplicate(pack: Pack) -> None:
    orders = [{"id": "a", "drug": {"name": "拜新同"}}, {"id": "b", "drug": {"name": "nifedipine 10 mg"}}]
    review = answer(pack, asked({"patient": {"medications": []}, "orders": orders}, pack))
    found = [alert for alert in review.alerts if alert.kind == "duplicate"]
    assert [set(alert.orders) for alert in found] == [{"a", "b"}]


def test_paracetamol_in_two_cold_remedies_is_a_duplicate(pack: Pack) -> None:
    orders = [{"id": "a", "drug": {"name": "维C银翘片"}}, {"id": "b", "drug": {"name": "复方氨酚烷胺片"}}]
    review = answer(pack, asked({"patient": {"medications": []}, "orders": orders}, pack))
    assert "duplicate" in {alert.kind for alert in review.alerts}
