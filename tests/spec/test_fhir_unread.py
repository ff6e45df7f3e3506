"""What of a FHIR chart did not come, or cannot be read, is said; the list it belongs to is then not taken as whole.

An unknown is never a "none", and no order is blocked because something else could not be read.
"""

import json
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from cdss.rules.engine import Review
from cdss.rules.facts import Patient
from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import Asked, answer

ATC, RXNORM = "http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm"
WHO = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1960-01-01"}
WARFARIN = {"coding": [{"system": ATC, "code": "B01AA03", "display": "warfarin"}]}
NOTHING = {"resourceType": "Bundle", "type": "searchset", "entry": []}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {**NOTHING, "entry": [{"resource": one} for one in resources], **more}


def request(id: str = "r1", status: str = "draft", **more: Any) -> dict[str, Any]:
    named = more or {"medicationCodeableConcept": {"text": "布洛芬缓释胶囊"}}
    return {"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "order",
            "subject": {"reference": "Patient/p1"}, **named}  # fmt: skip


def active(**more: Any) -> dict[str, Any]:
    return request("t1", "active", **more)


def sign(*drafts: Any, **prefetch: Any) -> dict[str, Any]:
    return {"hook": "order-sign", "hookInstance": str(uuid.uuid4()),
            "context": {"patientId": "p1", "draftOrders": bundle(*(drafts or [request()]))},
            "prefetch": {"patient": WHO, **prefetch}}  # fmt: skip


def rules(found: Asked) -> list[str]:
    return [alert.rule for alert in found.notes.alerts]


def said(found: Asked) -> str:
    return "\n".join(alert.summary.en for alert in found.notes.alerts)


def names(patient: Patient) -> list[str]:
    return [i.id for taken in patient.medications or () for i in taken.drug.ingredients]


REFERENCE = {"medicationReference": {"reference": "Medication/w"}}
UNREAD = [
    ("a reference to what was not sent", active(**REFERENCE), "Medication/w"),
    ("a concept without a code", active(medicationCodeableConcept={"coding": []}), "MedicationRequest/t1"),
    ("no medicine at all", active(medicationCodeableConcept=None), "MedicationRequest/t1"),
    ("text that is a list", active(**REFERENCE, contained=[{"id": "w", "code": {"text": ["x"]}}]), "Medication/w"),
    ("a statement", {**active(**REFERENCE), "resourceType": "MedicationStatement"}, "Medication/w"),
]


@pytest.mark.parametrize(("what", "taken", "named"), UNREAD, ids=[row[0] for row in UNREAD])
def test_a_medicine_of_the_chart_that_cannot_be_read_is_said(
    pack: Pack, what: str, taken: dict[str, Any], named: str
) -> None:
    found = asked(sign(medications=bundle(taken)), pack)
    assert f"a medicine of the chart could not be read ({named})" in said(found)
    assert found.facts.patient.medications is None  # not "takes nothing"


def test_beside_one_that_cannot_be_read_the_others_count_and_the_rest_is_unknown(pack: Pack) -> None:
    taken = bundle(active(**REFERENCE), request("t2", "active", medicationCodeableConcept=WARFARIN))
    found = asked(sign(medications=taken), pack)
    assert names(found.facts.patient) == ["warfarin"]
    review = answer(pack, found)
    assert [alert for alert in review.alerts if alert.kind == "interaction"]
    assert needs(review, "medicines taken")


def needs(review: Review, what: str) -> bool:
    return any(text.en == what for unknown in review.unknown for text in unknown.missing)


def test_a_whole_list_leaves_no_medicine_unknown(pack: Pack) -> None:
    assert not needs(answer(pack, asked(sign(medications=bundle(active())), pack)), "medicines taken")


MEDICATION = {"resourceType": "Medication", "id": "w", "code": WARFARIN}
MADE_OF = {"resourceType": "Medication", "id": "w", "ingredient": [{"itemCodeableConcept": WARFARIN}]}
READ = [
    ("R5", active(medication={"concept": WARFARIN}), []),
    ("R5 by reference", active(medication={"reference": {"reference": "Medication/w"}}), [MEDICATION]),
    ("an absolute address", active(medicationReference={"reference": "http://srv/fhir/Medication/w"}), [MEDICATION]),
    ("a version", active(medicationReference={"reference": "Medication/w/_history/3"}), [MEDICATION]),
    ("an empty concept beside", active(medicationCodeableConcept={"coding": []}, **REFERENCE), [MEDICATION]),
    ("by its ingredient", active(medicationReference={"reference": "#w"}, contained=[MADE_OF]), []),
    ("the second name", active(medicationCodeableConcept={"text": "抗凝药W", "coding": [{"display": "warfarin"}]}), []),
    ("RxNorm", active(medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "11289"}]}), []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "taken", "beside"), READ, ids=[row[0] for row in READ])
def test_a_medicine_in_its_many_ways(pack: Pack, what: str, taken: dict[str, Any], beside: list[Any]) -> None:
    found = asked(sign(medications=bundle(taken, *beside)), pack)
    assert names(found.facts.patient) == ["warfarin"]
    assert "data/medicine-unreadable" not in rules(found)


def test_a_combination_of_ingredients_is_one_medicine(pack: Pack) -> None:
    parts = [{"itemCodeableConcept": {"text": name}} for name in ("amlodipine", "valsartan", "某成分")]
    taken = active(medicationReference={"reference": "#c"}, contained=[{"id": "c", "ingredient": parts}])
    found = asked(sign(medications=bundle(taken)), pack)
    assert names(found.facts.patient) == ["amlodipine", "valsartan"]
    assert "the ingredient 某成分 of a combination was not recognised" in said(found)


def test_an_unknown_code_is_shown_as_it_was_sent(pack: Pack) -> None:
    local = {"coding": [{"system": "urn:hospital", "code": "H-4711"}]}
    allergy = {"resourceType": "AllergyIntolerance", "code": local}
    review = answer(pack, asked(sign(request(medicationCodeableConcept=local), allergies=bundle(allergy)), pack))
    assert [(one.what, one.text) for one in review.unmapped] == [("order", "H-4711"), ("allergy", "H-4711")]


def test_an_order_whose_medicine_was_not_sent_is_said_to_be_unchecked(pack: Pack) -> None:
    found = asked(sign(request(**REFERENCE), request("r2")), pack)
    (alert,) = [alert for alert in found.notes.alerts if alert.rule == "data/order-unreadable"]
    assert alert.orders == ("r1",)
    assert [order.id for order in found.facts.orders] == ["r2"]


CONDITION = {
    "resourceType": "Condition",
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"}]},
}
CUT = [
    ("a failure inside", bundle(FAILED), "prefetch conditions failed"),
    ("a failure beside what came", bundle(CONDITION, FAILED), "prefetch conditions failed"),
    ("the first page", bundle(CONDITION, link=[{"relation": "next", "url": "?2"}]), "conditions came only in part"),
    ("fewer than there are", bundle(CONDITION, total=7), "conditions came only in part"),
    ("entries that are text", {**NOTHING, "entry": "abc"}, "conditions.entry could not be read"),
    ("entries that are an object", {**NOTHING, "entry": {}}, "conditions.entry could not be read"),
    ("entries that are a number", {**NOTHING, "entry": 5}, "conditions.entry could not be read"),
    ("an entry that is a number", {**NOTHING, "entry": [5]}, "conditions.entry could not be read"),
    ("no resourceType", {"type": "searchset", "entry": []}, "conditions could not be read"),
    ("text", "abc", "conditions could not be read"),
    ("a number", 5, "conditions could not be read"),
    ("a list", [], "conditions could not be read"),
    ("a resource that cannot be read", bundle({**CONDITION, "code": "I10"}), "Condition could not be read"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sent", "says"), CUT, ids=[row[0] for row in CUT])
def test_a_list_that_did_not_come_whole_does_not_say_what_there_is_not(
    pack: Pack, what: str, sent: Any, says: str
) -> None:
    found = asked(sign(conditions=sent, allergies=NOTHING, medications=NOTHING), pack)
    assert says in said(found)
    assert not found.facts.patient.whole("conditions")
    assert found.facts.patient.whole("allergies")
    assert found.facts.patient.whole("medications")


@pytest.mark.parametrize(("key", "name"), [("allergies", "allergies"), ("medications", "medications")])
def test_the_same_holds_for_every_list(pack: Pack, key: str, name: str) -> None:
    assert not asked(sign(**{key: bundle(FAILED)}), pack).facts.patient.whole(name)


def test_a_remark_on_the_search_is_no_failure(pack: Pack) -> None:
    remark = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}
    assert asked(sign(conditions=bundle(remark)), pack).facts.patient.conditions == ()


def test_a_page_as_long_as_we_ask_for_is_not_remarked_on(pack: Pack) -> None:
    """The newest 200 results are asked for: what is older is unknown, and nobody needs to be told at every order."""
    result = {"resourceType": "Observation", "status": "final"}
    following = [{"relation": "next", "url": "?page=2"}]
    assert "prefetch" not in said(asked(sign(laboratory=bundle(*[result] * 200, link=following)), pack))
    assert "laboratory came only in part" in said(asked(sign(laboratory=bundle(*[result] * 3, link=following)), pack))


def plain(*resources: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (WHO, *resources)]}


REFUTED = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
LISTS = [
    ("nothing beside the order", [], {"conditions": None, "allergies": None, "medications": None}),
    ("a condition that is over", [{**CONDITION, **REFUTED}], {"conditions": ()}),
    ("an allergy that was refuted",
     [{"resourceType": "AllergyIntolerance", "code": {"text": "青霉素"}, **REFUTED}], {"allergies": ()}),
    ("a medicine that was stopped", [request("t1", "stopped")], {"medications": ()}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "beside", "lists"), LISTS, ids=[row[0] for row in LISTS])
def test_a_plain_bundle_tells_only_the_lists_it_has_something_of(
    pack: Pack, what: str, beside: list[Any], lists: dict[str, Any]
) -> None:
    patient = asked(plain(request(), *beside), pack).facts.patient
    assert {name: getattr(patient, name) for name in lists} == lists


@pytest.mark.parametrize("value", [0, -100])
@pytest.mark.parametrize("status", ["draft", "active"])
def test_a_dose_that_no_one_can_give_is_in_no_sum(pack: Pack, value: float, status: str) -> None:
    dose = {"doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}], "timing": {"code": {"text": "bid"}}}
    good = {"doseAndRate": [{"doseQuantity": {"value": 400, "unit": "mg"}}], "timing": {"code": {"text": "bid"}}}
    for dosages in ([dose], [dose, good]):
        sent = request("t1", status, medicationCodeableConcept={"text": "布洛芬"}, dosageInstruction=dosages)
        found = asked(sign(request("r9"), sent, medications=bundle(sent)), pack)
        assert f"dose {value} is impossible and was not used" in said(found)
        every = (*found.facts.orders, *(found.facts.patient.medications or ()))
        assert not [one for one in every if one.daily]


# Over HTTP: an answer, or a refusal that says where the fault is; never an internal error.


def post(client: TestClient, service: str, body: dict[str, Any]) -> Any:
    return client.post(f"/cds-services/{service}?lang=en", content=json.dumps(body).encode())


HOOKS = {"order-check-sign": "order-sign", "imaging-order": "order-sign", "medication-verify": "medication-verify",
         "pathway-gaps": "patient-view", "patient-risk": "patient-view"}  # fmt: skip


@pytest.mark.parametrize("service", HOOKS)
@pytest.mark.parametrize(
    "value",
    ["x", 5, [], True, {"entry": 5}, {**NOTHING, "entry": 5}, {**NOTHING, "link": 5}, {**NOTHING, "total": "x"}],
)
@pytest.mark.parametrize("key", ["patient", "medications", "laboratory"])
def test_whatever_is_prefetched_there_is_an_answer(client: TestClient, service: str, key: str, value: Any) -> None:
    answered = post(client, service, {**sign(**{key: value}), "hook": HOOKS[service]})
    assert answered.status_code == 200, answered.text


@pytest.mark.parametrize("service", ["order-check-sign", "imaging-order", "medication-verify"])
@pytest.mark.parametrize("entry", [5, "abc", {}])
def test_orders_that_are_no_list_are_refused_with_their_place(client: TestClient, service: str, entry: Any) -> None:
    body = {**sign(), "hook": HOOKS[service]}
    body["context"]["draftOrders"] = {"entry": entry}
    answered = post(client, service, body)
    assert answered.status_code == 400
    assert answered.json()["issue"][0]["expression"] == ["/context/draftOrders/entry"]


def test_signed_orders_that_are_no_list_are_refused_with_their_place(client: TestClient) -> None:
    body = {**sign(), "hook": "medication-verify"}
    body["context"] = {"patientId": "p1", "medications": {"entry": 5}}
    answered = post(client, "medication-verify", body)
    assert answered.status_code == 400
    assert answered.json()["issue"][0]["expression"] == ["/context/medications/entry"]


def test_members_that_need_not_be_sent_may_be_null(client: TestClient) -> None:
    body = {**sign(medications=None), "fhirServer": None}
    body["context"]["encounterId"] = None
    assert post(client, "order-check-sign", body).status_code == 200
    assert post(client, "order-check-sign", {**sign(), "prefetch": None}).status_code == 200
    said = {"card": "1", "outcome": "overridden", "outcomeTimestamp": "2026-11-25T08:00:00Z",
            "acceptedSuggestions": None, "overrideReason": {"userComment": "x", "reason": None}}  # fmt: skip
    assert post(client, "order-check-sign/feedback", {"feedback": [said]}).status_code == 200


def test_a_prefetch_that_is_null_still_says_that_there_is_nothing(pack: Pack) -> None:
    body = sign(medications=None)
    body["context"]["encounterId"] = None
    assert asked(body, pack).facts.patient.medications == ()


def test_null_in_a_resource_counts_as_not_sent(pack: Pack) -> None:
    nobody = {**WHO, "birthDate": None, "name": [None]}
    found = asked(sign(patient=nobody), pack)
    assert found.facts.patient.sex == "male"
    assert "data/resource-unreadable" not in rules(found)
