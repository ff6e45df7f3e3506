"""The CDS Hooks service `pathway-gaps`: what a doctor sees of pathways and gaps in care on opening a chart."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

LOINC, UCUM, ICD10 = "http://loinc.org", "http://unitsofmeasure.org", "http://hl7.org/fhir/sid/icd-10"
ATC, SNOMED = "http://www.whocc.no/atc", "http://snomed.info/sct"
TODAY = date.today()  # noqa: DTZ011 - the service's day is the server's local day
MAN = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": f"{TODAY.year - 58}-01-01"}
NOTHING = {"resourceType": "Bundle", "type": "searchset", "entry": []}


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": {"subject": {"reference": "Patient/p1"}, **one}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def seen(loinc: str, value: float, unit: str, days: int = 3) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "effectiveDateTime": ago(days),
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "valueQuantity": {"value": value, "unit": unit, "code": unit, "system": UCUM},
    }


def pressure(systolic: float, diastolic: float, days: int = 3) -> list[dict[str, Any]]:
    return [seen("8480-6", systolic, "mm[Hg]", days), seen("8462-4", diastolic, "mm[Hg]", days)]


def condition(code: str, text: str = "") -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"coding": [{"system": ICD10, "code": code}], "text": text}}


def takes(*names: str) -> dict[str, Any]:
    return bundle(*({"resourceType": "MedicationRequest", "id": f"t{n}", "status": "active", "intent": "order",
                     "medicationCodeableConcept": {"text": name}} for n, name in enumerate(names)))  # fmt: skip


def cards(client: TestClient, lang: str = "en", patient: Any = MAN, **prefetch: Any) -> list[dict[str, Any]]:
    request = {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": {"patient": patient, **prefetch},
    }
    answer = client.post(f"/cds-services/pathway-gaps?lang={lang}", content=json.dumps(request).encode())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


def text(found: list[dict[str, Any]]) -> str:
    return "\n".join(card["summary"] + "\n" + card["detail"] for card in found)


def all_told(**more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("conditions", "allergies", "medications", "laboratory", "vitals", "procedures", "immunizations"), NOTHING
    )
    return {**empty, **more}


DIABETES = bundle(condition("E11.9", "2型糖尿病"), condition("I10", "高血压"))
WELL = bundle(
    seen("4548-4", 6.5, "%"), seen("14771-0", 6.2, "mmol/L"), seen("9318-7", 12, "mg/g"),
    seen("98979-8", 90, "mL/min/{1.73_m2}"), seen("22748-8", 2.2, "mmol/L"), seen("2823-3", 4.1, "mmol/L"),
)  # fmt: skip
DONE = bundle(
    {"resourceType": "Procedure", "status": "completed", "performedDateTime": ago(100), "code": {"text": "眼底照相"}},
    {"resourceType": "Procedure", "status": "completed", "performedDateTime": ago(90),
     "code": {"coding": [{"system": SNOMED, "code": "401191002"}]}},
    {"resourceType": "Procedure", "status": "completed", "performedDateTime": ago(80), "code": {"text": "12-lead ECG"}},
)  # fmt: skip
FLU = bundle({"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": ago(60),
              "vaccineCode": {"text": "流感疫苗"}})  # fmt: skip


def test_everything_overdue_stands_on_one_card(client: TestClient) -> None:
    found = cards(client, **all_told(conditions=DIABETES, medications=takes("二甲双胍", "氨氯地平", "阿托伐他汀")))
    (overdue,) = [card for card in found if card["summary"].startswith("Overdue tests")]
    assert "(12): " in overdue["summary"]
    for matter in ("hba1c-diabetes", "uacr-diabetes", "eyes-diabetes", "feet-diabetes", "lipids-", "egfr-", "bp-"):
        assert f"pathway/overdue/{matter}" in overdue["detail"]
    assert overdue["indicator"] == "info"
    assert overdue["detail"].count("Measure a lipid profile") == 1  # asked for twice, said once
    assert "pathway/overdue/hba1c-diabetes`: " not in text(found)  # nor again as unknown


def test_a_patient_well_cared_for_sees_nothing(client: TestClient) -> None:
    vitals = bundle(*pressure(126, 76), seen("29463-7", 70, "kg"))
    medicines = takes("二甲双胍", "缬沙坦", "阿托伐他汀")
    found = cards(client, **all_told(conditions=DIABETES, medications=medicines, laboratory=WELL, vitals=vitals,
                                     procedures=DONE, immunizations=FLU))  # fmt: skip
    assert found == [], text(found)


def test_what_was_not_sent_is_unknown_not_overdue(client: TestClient) -> None:
    found = cards(client, conditions=DIABETES, medications=takes("二甲双胍"))
    assert "Overdue" not in text(found)
    (unknown,) = [card for card in found if "could not be checked" in card["summary"]]
    assert "pathway/overdue/hba1c-diabetes" in unknown["detail"]


def test_the_first_page_of_many_does_not_say_what_is_lacking(client: TestClient) -> None:
    page = {**WELL, "entry": WELL["entry"][1:], "link": [{"relation": "next", "url": "https://fhir.example/next"}]}
    found = cards(client, **all_told(conditions=DIABETES, medications=takes("二甲双胍"), laboratory=page))
    assert "HbA1c: none within" not in text(found)


def test_results_too_old_are_overdue(client: TestClient) -> None:
    old = bundle(*(entry["resource"] for entry in WELL["entry"][1:]), seen("4548-4", 6.5, "%", 200))
    found = cards(client, "zh", **all_told(conditions=DIABETES, medications=takes("二甲双胍"), laboratory=old))
    assert "HbA1c：近 183 天内无记录（糖尿病）" in text(found).replace("\\", "")


def test_medicines_that_are_missing_stand_on_one_card(client: TestClient) -> None:
    ill = bundle(condition("I25.2", "陈旧性心肌梗死"), condition("E11.9", "2型糖尿病"), condition("I50.9", "心力衰竭"))
    found = cards(client, **all_told(conditions=ill, medications=takes("二甲双胍"), laboratory=WELL))
    (missing,) = [card for card in found if card["summary"].startswith("Medicines to review")]
    for matter in ("statin-ascvd", "antiplatelet-ascvd", "sglt2-heart-failure", "raas-heart-failure"):
        assert f"pathway/medicines/{matter}" in missing["detail"]
    assert "statin-diabetes" not in missing["detail"]  # the same medicine for another reason
    assert missing["indicator"] == "info"


def test_fibrillation_without_anticoagulant_counts_its_points(client: TestClient) -> None:
    ill = bundle(condition("I48.9", "心房颤动"), condition("I10", "高血压"), condition("E11.9", "2型糖尿病"))
    found = cards(client, **all_told(conditions=ill, medications=takes("二甲双胍", "氨氯地平")))
    assert "CHA2DS2" in text(found)
    assert "VASc 2 and no anticoagulant" in text(found).replace("\\", "")
    treated = cards(client, **all_told(conditions=ill, medications=takes("利伐沙班", "氨氯地平", "二甲双胍")))
    assert "anticoagulant-fibrillation" not in text(treated)


EMERGENCIES = [
    ("pressure", {"vitals": bundle(*pressure(186, 104))}, "reaches the emergency level"),
    ("high glucose", {"laboratory": bundle(seen("15074-8", 18.2, "mmol/L", 0))}, "reaches 16.7"),
    ("low glucose", {"laboratory": bundle(seen("15074-8", 2.6, "mmol/L", 0))}, "level 2 hypoglycaemia"),
    ("potassium", {"laboratory": bundle(seen("2823-3", 6.7, "mmol/L", 0))}, "Potassium 6.7"),
]


@pytest.mark.parametrize(("what", "told", "says"), EMERGENCIES, ids=[row[0] for row in EMERGENCIES])
def test_an_emergency_stands_alone_and_first(client: TestClient, what: str, told: dict[str, Any], says: str) -> None:
    found = cards(client, **all_told(conditions=DIABETES, medications=takes("二甲双胍"), **told))
    assert found[0]["indicator"] == "warning"
    assert says in found[0]["summary"]
    assert all(card["indicator"] == "info" for card in found[1:])


def test_an_emergency_of_last_month_is_none(client: TestClient) -> None:
    found = cards(client, **all_told(conditions=DIABETES, vitals=bundle(*pressure(186, 104, 20))))
    assert all(card["indicator"] == "info" for card in found)


def test_three_days_make_a_diagnosis_one_asks_for_more(client: TestClient) -> None:
    once = cards(client, **all_told(vitals=bundle(*pressure(150, 92))))
    assert "not yet hypertension" in text(once)
    days = bundle(*pressure(150, 92, 1), *pressure(148, 88, 8), *pressure(138, 94, 15))
    assert "on three days" in text(cards(client, **all_told(vitals=days)))


def test_a_normal_day_between_is_no_diagnosis(client: TestClient) -> None:
    days = bundle(*pressure(150, 92, 1), *pressure(128, 78, 8), *pressure(148, 94, 15))
    assert "not yet hypertension" in text(cards(client, **all_told(vitals=days)))


def test_untreated_hypertension_of_the_second_grade_starts_with_two(client: TestClient) -> None:
    found = cards(client, **all_told(conditions=bundle(condition("I10", "高血压")), vitals=bundle(*pressure(164, 96))))
    assert "start two drugs" in text(found)
    assert "pathway/hypertension/layer-few-2" in text(found)  # a man above 55: one factor


def test_three_drugs_not_enough_are_referred(client: TestClient) -> None:
    medicines = takes("缬沙坦", "氨氯地平", "氢氯噻嗪")
    found = cards(client, **all_told(conditions=bundle(condition("I10", "高血压")), medications=medicines,
                                     vitals=bundle(*pressure(152, 94))))  # fmt: skip
    assert "pathway/referral/resistant-hypertension" in text(found)


def test_an_ace_inhibitor_in_pregnancy_interrupts(client: TestClient) -> None:
    woman = {**MAN, "gender": "female", "birthDate": f"{TODAY.year - 30}-01-01"}
    pregnant = bundle(condition("Z34.9", "妊娠"), condition("I10", "高血压"))
    found = cards(client, patient=woman, **all_told(conditions=pregnant, medications=takes("依那普利")))
    assert found[0]["indicator"] == "warning"
    assert "raas-pregnancy" in found[0]["detail"]


def test_a_nodule_in_the_problem_list_gets_its_follow_up(client: TestClient) -> None:
    smoker = seen("72166-2", 0, "1") | {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "77176002"}]}}
    del smoker["valueQuantity"]
    found = cards(
        client, **all_told(conditions=bundle(condition("R91", "右上肺实性结节 7×6mm")), social=bundle(smoker))
    )
    (nodule,) = [card for card in found if "nodule" in card["summary"]]
    assert nodule["summary"].startswith("Single solid nodule 6.5 mm")
    assert "CT at 6 to 12 months" in nodule["detail"]


def test_markup_in_the_chart_never_reaches_a_card(client: TestClient) -> None:
    found = cards(client, **all_told(conditions=bundle(condition("I25.2", "<img src=x onerror=alert(1)>")),
                                     medications=takes("<b>氨氯地平</b>")))  # fmt: skip
    assert "<img" not in json.dumps(found)
    assert "<b>" not in json.dumps(found)


def test_nothing_sent_is_answered(client: TestClient) -> None:
    found = cards(client, patient=None)
    assert all(card["indicator"] == "info" for card in found)
    assert "could not be checked" in text(found)


def test_chinese(client: TestClient) -> None:
    found = cards(client, "zh", **all_told(conditions=DIABETES))
    assert any(card["summary"].startswith("随访与检查缺口") for card in found)
    assert "依据" not in found[0]["summary"]


def test_discovery_names_the_service_and_what_it_wants(client: TestClient) -> None:
    services = {one["id"]: one for one in client.get("/cds-services").json()["services"]}
    assert services["pathway-gaps"]["hook"] == "patient-view"
    assert {"procedures", "immunizations", "laboratory"} <= services["pathway-gaps"]["prefetch"].keys()
    assert services["imaging-order"]["hook"] == "order-sign"
    assert "imaging" in services["imaging-order"]["prefetch"]


def test_feedback_on_a_gathered_card_is_taken(client: TestClient) -> None:
    card = cards(client, **all_told(conditions=DIABETES))[0]
    said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-25T08:00:00Z"}
    assert client.post("/cds-services/pathway-gaps/feedback", json={"feedback": [said]}).status_code == 200
