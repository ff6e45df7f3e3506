"""The CDS Hooks service `imaging-order`: whether an imaging order is appropriate, and safe."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

LOINC, SNOMED, ICD10 = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10"
RATING = "http://fhir.org/argonaut/Extension/pama-rating"
TODAY = date.today()  # noqa: DTZ011 - the service's day is the server's local day
MAN = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": f"{TODAY.year - 40}-01-01"}
WOMAN = {**MAN, "gender": "female", "birthDate": f"{TODAY.year - 30}-01-01"}
NOTHING = {"resourceType": "Bundle", "type": "searchset", "entry": []}


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": {"subject": {"reference": "Patient/p1"}, **one}} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def order(words: str, reason: str = "", id: str = "s1", **more: Any) -> dict[str, Any]:
    told = {"reasonCode": [{"text": reason}]} if reason else {}
    return {"resourceType": "ServiceRequest", "id": id, "status": "draft", "intent": "order",
            "code": {"text": words}, **told, **more}  # fmt: skip


def condition(code: str, text: str = "") -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"coding": [{"system": ICD10, "code": code}], "text": text}}


def egfr(value: float) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "effectiveDateTime": ago(3),
            "code": {"coding": [{"system": LOINC, "code": "98979-8"}]},
            "valueQuantity": {"value": value, "code": "mL/min/{1.73_m2}"}}  # fmt: skip


def found_in(name: str, so: bool, days: int = 0) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "effectiveDateTime": ago(days),
            "code": {"text": name}, "valueBoolean": so}  # fmt: skip


def metformin() -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "t1", "status": "active", "intent": "order",
            "medicationCodeableConcept": {"text": "盐酸二甲双胍片"}}  # fmt: skip


TOLD = dict.fromkeys(("conditions", "allergies", "medications", "laboratory", "vitals", "imaging"), NOTHING)


def answer(client: TestClient, *orders: dict[str, Any], lang: str = "en", patient: Any = MAN, **more: Any) -> Any:
    request = {
        "hook": "order-sign",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": bundle(*orders)},
        "prefetch": {"patient": patient, **TOLD, **more},
    }
    got = client.post(f"/cds-services/imaging-order?lang={lang}", content=json.dumps(request).encode())
    assert got.status_code == 200, got.text
    return got.json()


def ratings(answer: dict[str, Any]) -> dict[str, str]:
    found = {}
    for action in answer.get("systemActions", []):
        assert action["type"] == "update"
        (one,) = [e for e in action["resource"]["extension"] if e["url"] == RATING]
        found[action["resource"]["id"]] = one["valueCodeableConcept"]["coding"][0]["code"]
    return found


def text(answer: dict[str, Any]) -> str:
    return "\n".join(card["summary"] + "\n" + card["detail"] for card in answer["cards"]).replace("\\", "")


ANKLES = [
    ("tender lateral malleolus", "左踝扭伤，外踝后缘压痛", "appropriate"),
    ("cannot bear weight", "踝关节扭伤 2 小时，不能负重", "appropriate"),
    ("in English", "Inversion injury, unable to bear weight", "appropriate"),
    ("negative", "踝扭伤，无内外踝压痛，可行走四步", "not-appropriate"),
    ("negative in English", "ankle sprain, no malleolar tenderness, able to walk", "not-appropriate"),
    ("nothing told", "踝扭伤", "no-guidelines-apply"),
    ("no injury", "慢性踝痛", "no-guidelines-apply"),
]


@pytest.mark.parametrize(("what", "reason", "rating"), ANKLES, ids=[row[0] for row in ANKLES])
def test_ankles_by_the_ottawa_rule(client: TestClient, what: str, reason: str, rating: str) -> None:
    assert ratings(answer(client, order("左踝关节X线正侧位", reason))) == {"s1": rating}


def test_what_was_not_told_is_said(client: TestClient) -> None:
    found = answer(client, order("Ankle X-ray", "ankle sprain"))
    assert "imaging/criteria/ottawa-ankle" in text(found)
    assert "ability to walk four steps" in text(found)
    assert "could not be checked" in text(found)


def test_findings_as_observations(client: TestClient) -> None:
    exams = bundle(found_in("外踝后缘压痛", False), found_in("medial malleolus tenderness", False),
                   found_in("能负重行走", True), found_in("injury", True))  # fmt: skip
    assert ratings(answer(client, order("踝关节平片"), exams=exams)) == {"s1": "not-appropriate"}


def test_an_examination_of_last_month_says_nothing_of_today(client: TestClient) -> None:
    exams = bundle(found_in("外踝后缘压痛", True, 30))
    assert ratings(answer(client, order("踝关节平片", "扭伤"), exams=exams)) == {"s1": "no-guidelines-apply"}


def test_findings_as_supporting_info(client: TestClient) -> None:
    exam = found_in("不能负重", True) | {"id": "o1"}
    asked = order("DR 足正斜位", "足部扭伤", supportingInfo=[{"reference": "Observation/o1"}])
    assert ratings(answer(client, asked, exam)) == {"s1": "appropriate"}


ORDERS = [
    ("knee of a 60-year-old", order("膝关节X线", "摔伤后膝痛"), {**MAN, "birthDate": f"{TODAY.year - 60}-01-01"},
     "appropriate"),
    ("acute back pain", order("腰椎MRI平扫", "腰痛3天，无红旗征"), MAN, "not-appropriate"),
    ("back pain and a red flag", order("腰椎MRI平扫", "腰痛3天，鞍区麻木"), MAN, "appropriate"),
    ("back pain of three months", order("腰椎MRI平扫", "腰痛3月，无红旗征"), MAN, "no-guidelines-apply"),
    ("back pain by its code", order("Lumbar spine X-ray", reasonCode=[
        {"coding": [{"system": ICD10, "code": "M54.5"}], "text": "3 days, no red flags"}]), MAN, "not-appropriate"),
    ("migraine", order("头颅CT平扫", "偏头痛，无警示征"), MAN, "not-appropriate"),
    ("thunderclap headache", order("Head CT without contrast", "thunderclap headache"), MAN, "appropriate"),
    ("head injury and vomiting", order("头颅CT平扫", "头部外伤，反复呕吐"), MAN, "appropriate"),
    ("acute sinusitis", order("鼻窦CT平扫", "急性鼻窦炎5天，无红旗征"), MAN, "not-appropriate"),
    ("chest X-ray", order("胸部正侧位X线", "咳嗽"), MAN, "no-guidelines-apply"),
    ("neck injury", order("颈椎CT平扫", "车祸，颈后正中压痛"), MAN, "appropriate"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "asked", "patient", "rating"), ORDERS, ids=[row[0] for row in ORDERS])
def test_ratings(client: TestClient, what: str, asked: dict[str, Any], patient: Any, rating: str) -> None:
    assert ratings(answer(client, asked, patient=patient)) == {"s1": rating}


def test_the_rated_order_comes_back_whole(client: TestClient) -> None:
    asked = order("腰椎MRI平扫", "腰痛3天，无红旗征", priority="routine", note=[], extension=[{"url": RATING}])
    (action,) = answer(client, asked)["systemActions"]
    resource = action["resource"]
    assert (resource["resourceType"], resource["priority"], resource["intent"]) == (
        "ServiceRequest",
        "routine",
        "order",
    )
    assert "note" not in resource  # nothing empty in an answer
    assert len(resource["extension"]) == 1


def test_an_order_that_is_not_appropriate_can_be_withdrawn(client: TestClient) -> None:
    card = answer(client, order("腰椎MRI平扫", "腰痛3天，无红旗征"))["cards"][0]
    assert (card["indicator"], card["selectionBehavior"]) == ("info", "at-most-one")
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "ServiceRequest/s1"


CT = order("腹部CT增强扫描", "腹痛")
SAFETY = [
    ("metformin and eGFR 25", CT, {"medications": bundle(metformin()), "laboratory": bundle(egfr(25))},
     "contrast-metformin", "warning"),
    ("metformin and eGFR 45", CT, {"medications": bundle(metformin()), "laboratory": bundle(egfr(45))},
     "contrast-metformin", "info"),
    ("eGFR 25", CT, {"laboratory": bundle(egfr(25))}, "contrast-kidney", "info"),
    ("allergy to iodinated contrast", CT, {"allergies": bundle(
        {"resourceType": "AllergyIntolerance", "code": {"text": "碘造影剂"}})}, "contrast-allergy", "warning"),
    ("hyperthyroidism", CT, {"conditions": bundle(condition("E05.9", "甲亢")), "laboratory": bundle(egfr(90))},
     "contrast-thyroid", "info"),
    ("gadolinium and eGFR 20", order("头颅MRI增强", "头晕"), {"laboratory": bundle(egfr(20))},
     "gadolinium-kidney", "warning"),
    ("MRI and a pacemaker", order("腰椎MRI平扫", "腰痛"), {"conditions": bundle(condition("Z95.0", "起搏器"))},
     "mri-implant", "warning"),
    ("the same CT five days ago", order("胸部CT平扫", "咳嗽"), {"imaging": bundle(
        {"resourceType": "ImagingStudy", "status": "available", "started": ago(5), "modality": [{"code": "CT"}],
         "description": "Chest CT"})}, "imaging/criteria/repeated", "info"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "asked", "told", "rule", "indicator"), SAFETY, ids=[row[0] for row in SAFETY])
def test_safety(
    client: TestClient, what: str, asked: dict[str, Any], told: dict[str, Any], rule: str, indicator: str
) -> None:
    (card,) = [card for card in answer(client, asked, **told)["cards"] if rule in card["detail"]]
    assert card["indicator"] == indicator


def test_a_plain_study_asks_nothing_of_the_kidney(client: TestClient) -> None:
    found = answer(client, order("腹部CT平扫", "腹痛"), medications=bundle(metformin()))
    assert found["cards"] == []


def test_metformin_drafted_beside_the_study_counts(client: TestClient) -> None:
    drafted = {**metformin(), "status": "draft"}
    assert "contrast-metformin" in text(answer(client, CT, drafted, laboratory=bundle(egfr(25))))


def test_abdominal_ct_in_pregnancy_interrupts(client: TestClient) -> None:
    pregnant = bundle(condition("Z34.9", "妊娠"))
    found = answer(client, order("腹部CT平扫", "腹痛"), patient=WOMAN, conditions=pregnant)
    assert found["cards"][0]["indicator"] == "warning"
    chest = answer(client, order("胸部X线正位", "咳嗽"), patient=WOMAN, conditions=pregnant)
    assert [card["indicator"] for card in chest["cards"]] == ["info"]


def test_pregnancy_not_told_is_asked_for(client: TestClient) -> None:
    found = answer(client, order("盆腔CT平扫", "腹痛"), patient=WOMAN)
    assert "ask about pregnancy first" in text(found)


def test_ct_in_a_child(client: TestClient) -> None:
    child = {**MAN, "birthDate": f"{TODAY.year - 8}-01-01"}
    assert "prefer ultrasound or MRI" in text(answer(client, order("腹部CT平扫", "腹痛"), patient=child))


def test_each_order_gets_its_own_rating(client: TestClient) -> None:
    found = answer(client, order("腰椎MRI平扫", "腰痛3天，无红旗征", "s1"), order("胸部X线", "咳嗽", "s2"))
    assert ratings(found) == {"s1": "not-appropriate", "s2": "no-guidelines-apply"}


def test_what_is_no_imaging_is_not_its_business(client: TestClient) -> None:
    assert answer(client, order("血常规", "发热"), {**metformin(), "status": "draft"}) == {"cards": []}


def test_imaging_that_is_not_recognised_is_said(client: TestClient) -> None:
    asked = order("检查 4711", category=[{"coding": [{"system": SNOMED, "code": "363679005"}]}])
    found = answer(client, asked)
    assert ratings(found) == {"s1": "no-guidelines-apply"}
    assert "not recognised" in text(found)


def test_markup_in_the_order_never_reaches_a_card(client: TestClient) -> None:
    asked = order("<img src=x> CT", "<script>", category=[{"text": "imaging"}])
    assert "<img" not in json.dumps(answer(client, asked)["cards"])


def test_without_draft_orders_it_is_refused(client: TestClient) -> None:
    request = {"hook": "order-sign", "hookInstance": "1", "context": {"patientId": "p1"}}
    assert client.post("/cds-services/imaging-order", json=request).status_code == 400


def test_chinese(client: TestClient) -> None:
    found = answer(client, order("腰椎MRI平扫", "腰痛3天，无红旗征"), lang="zh")
    assert found["cards"][0]["summary"].startswith("腰痛 3 天，无红旗征")
