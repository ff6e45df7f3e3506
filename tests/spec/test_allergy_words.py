"""Allergies as hospitals write them: checked, understood as no medicine, or said to be unread. Never silent."""

from typing import Any

import pytest

from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.simple.answer import response


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def check(pack: Pack, drug: str, *allergies: str) -> dict[str, Any]:
    patient = {"medications": [], "allergies": [{"name": name} for name in allergies]}
    body = {"patient": patient, "orders": [{"id": "o1", "drug": {"name": drug}}]}
    return response(answer(pack, asked(body, pack)), "zh", 0.0)


@pytest.mark.parametrize("allergy", ["尘螨", "花粉过敏", "海鲜", "否认药物过敏史"])
def test_what_is_no_medicine_is_understood(pack: Pack, allergy: str) -> None:
    assert check(pack, "阿莫西林胶囊", allergy)["unmapped"] == []


def test_an_allergy_nobody_can_read_is_said(pack: Pack) -> None:
    assert check(pack, "阿莫西林胶囊", "某种草药")["unmapped"] == [{"allergy": "某种草药", "text": "某种草药"}]


def test_several_in_one_entry_are_each_checked(pack: Pack) -> None:
    answered = check(pack, "阿莫西林胶囊", "青霉素、海鲜、某种草药")
    assert "allergy" in {alert["kind"] for alert in answered["alerts"]}
    assert [one["text"] for one in answered["unmapped"]] == ["某种草药"]


def test_fhir_entries_are_read_alike(pack: Pack) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "code": {"text": "青霉素、花粉"}}
    request = {"resourceType": "MedicationRequest", "id": "r1", "status": "draft", "intent": "order",
               "medicationCodeableConcept": {"text": "阿莫西林胶囊"}}  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (allergy, request)]}
    review = answer(pack, asked(bundle, pack))
    assert review.unmapped == ()
    assert "allergy" in {alert.kind for alert in review.alerts}
