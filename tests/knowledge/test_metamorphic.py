"""What must hold of every order check, whatever the patient and the medicines: relations between two questions.

Named as in the reliability design. Each relation is tried on `HYPOTHESIS_PROFILE` many random charts.
"""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cdss.rules.alert import SEVERITIES
from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.simple.answer import response

PACK: Pack = load()


def meaning(**named: str) -> tuple[Any, Any]:
    drug = PACK.formulary.resolve(**named)  # type: ignore[arg-type]
    return drug.ingredients, drug.atc


# One ATC code and one meaning: the same medicine by its Chinese name, its English name and its code.
PLAIN = sorted(
    id
    for id, entry in PACK.formulary.entries.items()
    if len(entry.ingredient.atc) == 1
    and len(entry.ingredient.atc[0]) == 7
    and meaning(name=entry.ingredient.zh) == meaning(name=id) == meaning(atc=entry.ingredient.atc[0])
)
TALKATIVE = [id for id in PLAIN if len(list(PACK.about(PACK.formulary.resolve(name=id)))) >= 8]
CODES = ("I10", "E11.9", "I50.9", "J45.9", "N18.3", "K25.9", "G40.9", "H40.1", "N40", "F03", "K74.6", "I48", "M10.9")
TEXTS = ("summary", "detail", "action", "notice", "elapsed_ms", "name", "why", "missing")

drugs = st.sampled_from(TALKATIVE)
ages = st.integers(0, 95)


@st.composite
def charts(draw: st.DrawFn, least: int = 1) -> dict[str, Any]:
    """A simple order: one to five different medicines ordered, up to three taken, and a patient more or less known."""
    ids = draw(st.lists(drugs, min_size=least, max_size=8, unique=True))
    cut = draw(st.integers(least, min(5, len(ids))))
    born = 2026 - draw(ages)
    patient: dict[str, Any] = {
        "birth_date": f"{born}-01-15",
        "sex": draw(st.sampled_from(["male", "female"])),
        "allergies": [{"name": id} for id in draw(st.lists(drugs, max_size=2, unique=True))],
        "conditions": [{"code": code} for code in draw(st.lists(st.sampled_from(CODES), max_size=3, unique=True))],
        "observations": [egfr(value) for value in draw(st.lists(st.integers(3, 120), max_size=1))],
        "medications": [{"name": id} for id in ids[cut:]],
    }
    if draw(st.booleans()):
        patient["weight_kg"] = draw(st.integers(3, 120))
    if draw(st.booleans()):
        patient["pregnant"] = draw(st.booleans()) and patient["sex"] == "female"
    return {"date": "2026-11-25", "patient": patient, "orders": [order(f"o{n}", id) for n, id in enumerate(ids[:cut])]}


def order(id: str, drug: str, **given: Any) -> dict[str, Any]:
    return {"id": id, "drug": {"name": drug}, "route": "po", **given}


def egfr(value: float) -> dict[str, Any]:
    return {"loinc": "98979-8", "value": value, "unit": "mL/min/{1.73_m2}", "date": "2026-11-20"}


def check(chart: dict[str, Any], lang: str = "en") -> dict[str, Any]:
    return response(answer(PACK, asked(chart, PACK)), lang, 0.0)  # type: ignore[arg-type]


def with_patient(chart: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**chart, "patient": {**chart["patient"], **changed}}


def keys(answered: dict[str, Any], *kinds: str) -> set[tuple[Any, ...]]:
    """What is said, without its words: rule, level, orders."""
    return {
        (alert["rule"], alert["severity"], tuple(alert["orders"]))
        for alert in answered["alerts"]
        if not kinds or alert["kind"] in kinds
    }


def worst(answered: dict[str, Any], *kinds: str) -> int:
    """0 is the worst; nothing said ranks after all."""
    said = (SEVERITIES.index(alert["severity"]) for alert in answered["alerts"] if alert["kind"] in kinds)
    return min(said, default=len(SEVERITIES))


def test_the_medicines_tried_are_many_and_their_rules_too() -> None:
    assert len(TALKATIVE) >= 100
    assert len({rule.rule.id for id in TALKATIVE for rule in PACK.about(PACK.formulary.resolve(name=id))}) >= 150


@given(charts(), drugs)
def test_adding_a_drug_never_removes_an_interaction(chart: dict[str, Any], more: str) -> None:
    before = keys(check(chart), "interaction")
    after = keys(check({**chart, "orders": [*chart["orders"], order("more", more)]}), "interaction")
    for rule, severity, orders in before:
        assert any(r == rule and s == severity and set(orders) <= set(o) for r, s, o in after), rule


@given(charts(least=2), st.randoms(use_true_random=False))
def test_the_order_of_drugs_does_not_matter(chart: dict[str, Any], random: Any) -> None:
    shuffled = random.sample(chart["orders"], len(chart["orders"]))
    said = [{(r, s, frozenset(o)) for r, s, o in keys(check(c))} for c in (chart, {**chart, "orders": shuffled})]
    assert said[0] == said[1]


@given(charts())
def test_a_repeated_identical_order_adds_only_a_duplicate_alert(chart: dict[str, Any]) -> None:
    again = {**chart["orders"][0], "id": "again"}
    after = check({**chart, "orders": [*chart["orders"], again]})
    about_both = {alert["kind"] for alert in after["alerts"] if {"again", "o0"} <= set(alert["orders"])}
    assert "duplicate" in about_both
    before_rules = {rule for rule, _, _ in keys(check(chart))}
    added = {alert["rule"]: alert["kind"] for alert in after["alerts"] if alert["rule"] not in before_rules}
    assert set(added.values()) <= {"duplicate"}, added


@given(charts())
def test_chinese_name_english_name_and_atc_say_the_same(chart: dict[str, Any]) -> None:
    def named(how: str) -> dict[str, Any]:
        def drug(id: str) -> dict[str, str]:
            known = PACK.formulary.ingredient(id)
            return {"zh": {"name": known.zh}, "en": {"name": id}, "atc": {"atc": known.atc[0]}}[how]

        orders = [{**one, "drug": drug(one["drug"]["name"])} for one in chart["orders"]]
        taken = [drug(one["name"]) for one in chart["patient"]["medications"]]
        return {**with_patient(chart, medications=taken), "orders": orders}

    said = [keys(check(named(how))) for how in ("zh", "en", "atc")]
    assert said[0] == said[1] == said[2]


DOSES = st.sampled_from([0.5, 1, 5, 20, 62.5, 100, 250, 500, 1000, 3000, 8000])
OFTEN = st.sampled_from(["qd", "bid", "tid", "qid"])


@given(charts(), DOSES, OFTEN)
def test_unit_changes_change_nothing(chart: dict[str, Any], milligrams: float, often: str) -> None:
    def dosed(value: float, unit: str) -> dict[str, Any]:
        first = {**chart["orders"][0], "dose": {"value": value, "unit": unit}, "frequency": often}
        return check({**chart, "orders": [first, *chart["orders"][1:]]})

    said = [keys(dosed(*dose)) for dose in ((milligrams, "mg"), (milligrams * 1000, "ug"), (milligrams / 1000, "g"))]
    assert said[0] == said[1] == said[2]


@given(charts(), DOSES)
def test_two_times_5_mg_is_10_mg_a_day(chart: dict[str, Any], milligrams: float) -> None:
    def dosed(value: float, often: str) -> set[tuple[Any, ...]]:
        first = {**chart["orders"][0], "dose": {"value": value, "unit": "mg"}, "frequency": often}
        answered = check({**chart, "orders": [first, *chart["orders"][1:]]})
        return {key for key in keys(answered, "dose") if "/daily/" in key[0]}

    assert dosed(milligrams, "bid") == dosed(milligrams * 2, "qd")


@given(charts(), DOSES, DOSES, OFTEN)
def test_more_dose_is_never_less_severe(chart: dict[str, Any], one: float, other: float, often: str) -> None:
    def level(value: float) -> int:
        first = {**chart["orders"][0], "dose": {"value": value, "unit": "mg"}, "frequency": often}
        return worst(check({**chart, "orders": [first, *chart["orders"][1:]]}), "dose", "interaction")

    assert level(max(one, other)) <= level(min(one, other))


@given(charts(), st.integers(3, 120), st.integers(3, 120))
def test_lower_egfr_is_never_less_severe(chart: dict[str, Any], one: int, other: int) -> None:
    low, high = (check(with_patient(chart, observations=[egfr(value)])) for value in sorted((one, other)))
    assert worst(low, "renal") <= worst(high, "renal")


@given(charts(), st.integers(100, 200))
def test_unrelated_facts_change_nothing(chart: dict[str, Any], height: int) -> None:
    tall = {"loinc": "8302-2", "value": height, "unit": "cm", "date": "2026-11-01"}
    more = with_patient(
        chart,
        observations=[*chart["patient"]["observations"], tall],
        conditions=[*chart["patient"]["conditions"], {"code": "Z00.0", "name": "健康体检"}],
    )
    assert check(more) == check(chart)


@given(charts(), drugs)
def test_a_new_allergy_only_adds(chart: dict[str, Any], to: str) -> None:
    more = with_patient(chart, allergies=[*chart["patient"]["allergies"], {"name": to}])
    assert {(r, o) for r, _, o in keys(check(chart))} <= {(r, o) for r, _, o in keys(check(more))}


@given(charts(least=2))
def test_stopping_a_drug_removes_exactly_its_alerts(chart: dict[str, Any]) -> None:
    stopped = chart["orders"][-1]["id"]
    assume(len(chart["orders"]) > 1)
    before, after = check(chart), check({**chart, "orders": chart["orders"][:-1]})
    kept = {key for key in keys(before) if stopped not in key[2]}
    its_rules = {rule for rule, _, orders in keys(before) if stopped in orders}
    assert kept <= keys(after)
    assert {rule for rule, _, _ in keys(after) - kept} <= its_rules


@given(charts())
def test_language_changes_text_only(chart: dict[str, Any]) -> None:
    def bare(lang: str) -> Any:
        answered = check(chart, lang)
        return _without(answered)

    assert bare("zh") == bare("en")


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(part) for key, part in value.items() if key not in TEXTS}
    return [_without(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["缬沙坦氨氯地平片", "valsartan/amlodipine"])
def test_a_combination_is_asked_as_its_parts(name: str) -> None:
    chart = {"patient": {"medications": [], "pregnant": True, "sex": "female"}, "orders": [order("o1", name)]}
    assert any(rule.startswith("pregnancy/") for rule, _, _ in keys(check(chart)))
