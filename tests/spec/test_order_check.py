"""The promise of the order check: one answer whatever the medicines are called, and nothing left out in silence."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.simple.answer import response
from cdss.serving.platform.cli import app


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def check(pack: Pack, *drugs: dict[str, str], **patient: Any) -> dict[str, Any]:
    orders = [{"id": f"o{number}", "drug": drug} for number, drug in enumerate(drugs, start=1)]
    return response(answer(pack, asked({"patient": {"medications": [], **patient}, "orders": orders}, pack)), "en", 0.0)


def rules(answered: dict[str, Any], kind: str) -> set[tuple[str, str]]:
    return {(alert["rule"], alert["severity"]) for alert in answered["alerts"] if alert["kind"] == kind}


WARFARIN_IBUPROFEN = [
    ({"name": "warfarin"}, {"name": "ibuprofen"}),
    ({"name": "华法林钠片"}, {"name": "布洛芬缓释胶囊"}),
    ({"atc": "B01AA03"}, {"atc": "M01AE01"}),
    ({"name": "布洛芬"}, {"name": "Warfarin Sodium 5 MG Oral Tablet"}),  # either order, mixed languages
]


def test_english_chinese_and_atc_give_the_same_rules(pack: Pack) -> None:
    found = [rules(check(pack, *pair), "interaction") for pair in WARFARIN_IBUPROFEN]
    assert found[0]
    assert all(one == found[0] for one in found)


def test_simvastatin_with_clarithromycin_is_contraindicated(pack: Pack) -> None:
    found = rules(check(pack, {"name": "辛伐他汀片"}, {"name": "克拉霉素片"}), "interaction")
    assert {severity for _, severity in found} == {"contraindicated"}


def egfr(value: float) -> list[dict[str, Any]]:
    return [{"loinc": "98979-8", "value": value, "unit": "mL/min/{1.73_m2}"}]


def test_metformin_with_egfr_25_is_contraindicated(pack: Pack) -> None:
    found = rules(check(pack, {"name": "盐酸二甲双胍片"}, observations=egfr(25)), "renal")
    assert found == {("renal/metformin", "contraindicated")}


def test_metformin_without_egfr_is_unknown_and_says_what_it_needs(pack: Pack) -> None:
    unknown = check(pack, {"name": "metformin"})["unknown"]
    (one,) = [row for row in unknown if row["rule"] == "renal/metformin"]
    assert one == {"rule": "renal/metformin", "needs": ["egfr"], "missing": ["eGFR"], "orders": ["o1"]}


def test_egfr_is_computed_where_only_creatinine_is_known(pack: Pack) -> None:
    creatinine = [{"loinc": "14682-9", "value": 300, "unit": "umol/L", "date": "2026-11-01"}]
    found = check(pack, {"atc": "A10BA02"}, birth_date="1950-03-01", sex="male", observations=creatinine)
    alert = next(alert for alert in found["alerts"] if alert["rule"] == "renal/metformin")
    assert alert["severity"] == "contraindicated"
    assert alert["trace"][-1]["fact"] == "egfr (CKD-EPI 2021)"


def test_an_unknown_medicine_is_said_to_be_unchecked(pack: Pack) -> None:
    assert check(pack, {"name": "院内合剂三号"})["unmapped"] == [{"order": "o1", "text": "院内合剂三号"}]


def test_every_answer_names_the_knowledge_that_gave_it(pack: Pack) -> None:
    assert check(pack, {"name": "aspirin"})["knowledge"] == {"version": pack.version, "digest": pack.digest}


def test_the_language_changes_words_only(pack: Pack) -> None:
    facts = asked({"patient": {}, "orders": [{"drug": {"name": "华法林"}}, {"drug": {"name": "布洛芬"}}]}, pack)
    zh, en = (response(answer(pack, facts), lang, 0.0) for lang in ("zh", "en"))
    words = {"summary", "detail", "action", "alternatives"}
    assert zh["alerts"]
    for one, other in zip(zh["alerts"], en["alerts"], strict=True):
        assert {key: one[key] for key in one.keys() - words} == {key: other[key] for key in other.keys() - words}
        offers = [[offer["atc"] for offer in said.get("alternatives", ())] for said in (one, other)]
        assert offers[0] == offers[1]
        assert one["summary"] != other["summary"]


def run(text: str, *options: str) -> Any:
    return CliRunner().invoke(app, ["check", "-", *options], input=text)


ORDER = json.dumps({"patient": {}, "orders": [{"drug": {"name": "华法林"}}, {"drug": {"name": "布洛芬"}}]})


def test_the_command_prints_json_and_nothing_else() -> None:
    result = run(ORDER, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["alerts"][0]["kind"] == "interaction"


def test_many_requests_are_answered_in_order_and_a_bad_one_stops_none() -> None:
    result = run(f"{ORDER}\n{{bad\n{ORDER}\n", "--ndjson")
    first, bad, last = (json.loads(line) for line in result.stdout.splitlines())
    assert first["alerts"][0]["rule"] == last["alerts"][0]["rule"]
    assert bad["line"] == 2
    assert "not JSON" in bad["error"]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("route", "severity"), [("静推", "contraindicated"), ("iv", "consider"), ("静滴", None), ("口服", None)]
)
def test_potassium_is_never_pushed(pack: Pack, route: str, severity: str | None) -> None:
    order = {"drug": {"name": "氯化钾注射液"}, "route": route}
    answered = response(answer(pack, asked({"patient": {}, "orders": [order]}, pack)), "en", 0.0)
    assert rules(answered, "route") == ({("route/potassium-push", severity)} if severity else set())


def ckd(code: str) -> list[dict[str, str]]:
    return [{"system": "ICD-10", "code": code}]


@pytest.mark.parametrize(
    ("conditions", "observations", "severity"),
    [
        (ckd("N18.5"), [], "contraindicated"),
        (ckd("Z99.2"), [], "contraindicated"),
        (ckd("N18.4"), [], "contraindicated"),
        (ckd("N18.5"), egfr(50), None),  # a result of the last year stands before the diagnosis
        ([], [], "info"),
    ],
)
def test_kidney_failure_by_diagnosis_counts(
    pack: Pack, conditions: list[Any], observations: list[Any], severity: str | None
) -> None:
    found = check(pack, {"name": "盐酸二甲双胍片"}, conditions=conditions, observations=observations)
    assert rules(found, "renal") == ({("renal/metformin", severity)} if severity else set())


def test_a_stage_leaves_unknown_what_it_does_not_decide(pack: Pack) -> None:
    """Stage 3 is below 60: whether below 45 or 30 is not known, and is not guessed."""
    found = check(pack, {"name": "盐酸二甲双胍片"}, conditions=ckd("N18.3"))
    assert [row["rule"] for row in found["unknown"] if row["rule"] == "renal/metformin"]
    assert rules(found, "renal") == set()


def test_a_stage_is_shown_for_what_it_is(pack: Pack) -> None:
    found = check(pack, {"name": "盐酸二甲双胍片"}, conditions=ckd("N18.5"))
    (alert,) = [alert for alert in found["alerts"] if alert["kind"] == "renal"]
    assert "<15" in alert["summary"]
    assert "CKD stage 5" in alert["trace"][-1]["fact"]
