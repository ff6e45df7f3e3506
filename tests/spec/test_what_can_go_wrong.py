"""Each thing that can go wrong with an order check has a defined, visible answer; none of them blocks an order."""

import dataclasses
from typing import Any

import msgspec
import pytest

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.asking.context import Context
from cdss.rules.engine import evaluate
from cdss.rules.facts import Order
from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.simple.answer import response
from cdss.serving.platform.errors import BadInput


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def check(pack: Pack, *orders: dict[str, Any], **patient: Any) -> dict[str, Any]:
    named = [{"id": f"o{number}", **order} for number, order in enumerate(orders, 1)]
    request = {"patient": {"birth_date": "1970-01-01", "sex": "male", "medications": [], **patient}, "orders": named}
    return response(answer(pack, asked(request, pack)), "en", 0.0)


def said(answered: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [alert for alert in answered["alerts"] if alert["rule"].startswith(rule)]


def drug(name: str, value: float | None = None, unit: str = "mg", often: str = "qd") -> dict[str, Any]:
    dose = {"dose": {"value": value, "unit": unit}, "frequency": often} if value else {}
    return {"drug": {"name": name}, "route": "po", **dose}


class Raising(CompiledRule):
    """A rule with a fault of its own."""

    def ask(self, context: Context, order: Order | None) -> Any:
        raise ZeroDivisionError


def test_a_rule_that_raises_is_named_and_the_others_go_on(pack: Pack) -> None:
    metformin = pack.rules["renal/metformin"]
    broken = Raising(metformin.rule, metformin.settings)
    rules = {code: tuple(broken if r is metformin else r for r in found) for code, found in pack.by_atc.items()}
    faulty = dataclasses.replace(pack, by_atc=rules, _about={})
    orders = [{"id": name, **drug(name)} for name in ("metformin", "warfarin", "ibuprofen")]
    review = evaluate(faulty, asked({"patient": {}, "orders": orders}, pack).facts)
    assert [failure.rule for failure in review.failures] == ["renal/metformin"]
    assert "data/rule-failed" in {alert.rule for alert in review.alerts}
    assert "interaction" in {alert.kind for alert in review.alerts}


def test_a_unit_that_cannot_be_converted_is_said_and_its_rule_is_unknown(pack: Pack) -> None:
    answered = check(pack, drug("amlodipine", 5, "mm[Hg]"))
    assert said(answered, "data/unit")
    assert "dose/maximum/amlodipine" in {unknown["rule"] for unknown in answered["unknown"]}


def test_tablets_of_unknown_strength_are_said(pack: Pack) -> None:
    answered = check(pack, drug("氨氯地平片", 1, "片"))
    assert "strength" in said(answered, "data/")[0]["summary"]
    assert not said(answered, "dose/")


def test_a_dose_ten_times_too_high_asks_for_the_unit(pack: Pack) -> None:
    (alert,) = said(check(pack, drug("levothyroxine", 50, "mg")), "dose/maximum")
    assert (alert["severity"], alert["interruptive"]) == ("contraindicated", True)
    assert "unit" in alert["summary"]


def test_a_negative_dose_is_refused_with_its_place(pack: Pack) -> None:
    with pytest.raises(BadInput) as refused:
        check(pack, drug("amlodipine"), drug("warfarin", -3))
    assert refused.value.pointer == "/orders/1/dose/value"


@pytest.mark.parametrize(
    "names", [("对乙酰氨基酚片", "泰诺林"), ("阿司匹林肠溶片", "拜阿司匹灵"), ("Augmentin", "阿莫西林胶囊")]
)
def test_a_drug_given_twice_under_two_names_is_a_duplicate(pack: Pack, names: tuple[str, str]) -> None:
    alerts = [alert for alert in check(pack, *map(drug, names))["alerts"] if alert["kind"] == "duplicate"]
    assert [sorted(alert["orders"]) for alert in alerts] == [["o1", "o2"]]


def test_an_allergy_that_maps_to_nothing_is_said(pack: Pack) -> None:
    answered = check(pack, drug("amlodipine"), allergies=[{"name": "某某不明物"}])
    assert answered["unmapped"] == [{"allergy": "某某不明物", "text": "某某不明物"}]


def test_a_medicine_nobody_knows_is_said_and_the_others_are_checked(pack: Pack) -> None:
    answered = check(pack, drug("某某不明药"), drug("warfarin"), drug("ibuprofen"))
    assert answered["unmapped"] == [{"order": "o1", "text": "某某不明药"}]
    assert said(answered, "interaction/")


def test_nothing_known_of_the_patient_is_unknown_never_normal(pack: Pack) -> None:
    request = {"patient": {}, "orders": [drug("metformin", 500)]}
    answered = response(answer(pack, asked(request, pack)), "en", 0.0)
    assert {"renal/metformin", "allergy/same-ingredient"} <= {unknown["rule"] for unknown in answered["unknown"]}
    assert msgspec.json.encode(answered)
