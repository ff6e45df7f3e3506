"""How a rule answers: first true alert, unknown said aloud, limits of the day, scope."""

from datetime import date

import msgspec
import pytest

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.asking.context import Context
from cdss.rules.checking.lint import faults
from cdss.rules.checking.selftest import drug
from cdss.rules.facts import Facts, Medication, Observation, Order, Patient
from cdss.rules.language.read import RuleError, parse

RULE = """
id: age/example
version: 1.0.0
status: active
title: {zh: 例, en: Example}
kind: age
when: {ordering: [M01A]}
applies: sex == 'female'
facts:
  age: {patient: age, unit: a}
  sex: {patient: sex}
  potassium: {loinc: [2823-3], unit: mmol/L, max_age_days: 30}
  diuretic: {taking: [C03]}
limits: {old: {2000-01-01: 65, 2020-01-01: 70}}
alerts:
  - {if: age >= old and potassium > 5.5, severity: avoid, zh: "{drug} {age} {potassium} {old}", en: "{drug} {others}"}
  - {if: diuretic, severity: precaution, zh: "与{others}", en: "with {others}"}
sources: [{title: T, dated: "2020", grade: guideline}]
review: {last: 2026-01-01, next: 2099-01-01, state: approved}
tests: [{name: n, date: 2026-01-01, ordering: M01AE01, expect: none}]
"""
DAY = date(2026, 11, 1)


def ask(patient: Patient, day: date = DAY, rule: str = RULE):  # type: ignore[no-untyped-def]
    order = Order("o1", drug("M01AE01"))
    return CompiledRule(parse(rule)).ask(Context(Facts(patient, (order,), day)), order)


def woman(age: int, potassium: float | None = None, **more: object) -> Patient:
    seen = () if potassium is None else (Observation("2823-3", potassium, "mmol/L", DAY),)
    return Patient(birth_date=date(DAY.year - age, 11, 1), sex="female", observations=seen, **more)  # type: ignore[arg-type]


def test_the_first_true_alert_is_given_with_its_texts_filled() -> None:
    alert = ask(woman(70, 5.6)).alert
    assert (alert.severity, alert.summary.zh) == ("avoid", "M01AE01 70 岁 5.6 mmol/L 70")


def test_a_fact_named_in_a_text_is_told_even_if_no_condition_needed_it() -> None:
    rule = RULE.replace("age >= old and potassium > 5.5", "age >= old or potassium > 5.5")
    assert ask(woman(70, 4.1), rule=rule).alert.summary.zh == "M01AE01 70 岁 4.1 mmol/L 70"


def test_the_day_decides_which_limit_holds() -> None:
    assert ask(woman(65, 5.6, medications=())).alert is None  # 65 was old until 2020
    patient = Patient(birth_date=date(1950, 1, 1), sex="female", observations=(Observation("2823-3", 5.6, "mmol/L"),))
    assert ask(patient, date(2015, 1, 1)).alert.severity == "avoid"  # 65 on that day


def test_without_the_result_the_rule_is_unknown_and_says_what_it_needs() -> None:
    verdict = ask(woman(70, medications=()))
    assert (verdict.alert, verdict.unknown.needs) == (None, ("potassium",))


def test_a_result_too_old_is_no_result() -> None:
    patient = woman(70, medications=())
    old = Observation("2823-3", 5.6, "mmol/L", date(2026, 9, 1))
    assert ask(msgspec.structs.replace(patient, observations=(old,))).unknown.needs == ("potassium",)


def test_a_result_of_the_future_is_no_result() -> None:
    patient = woman(70, medications=())
    future = Observation("2823-3", 5.6, "mmol/L", date(2026, 12, 1))
    assert ask(msgspec.structs.replace(patient, observations=(future,))).unknown.needs == ("potassium",)


def test_the_latest_result_counts() -> None:
    patient = woman(70, medications=())
    seen = (Observation("2823-3", 5.6, "mmol/L", date(2026, 10, 20)), Observation("2823-3", 5.5, "mmol/L", DAY))
    assert ask(msgspec.structs.replace(patient, observations=seen)).alert is None


def test_a_worse_answer_that_could_not_be_decided_is_reported_beside_the_one_given() -> None:
    verdict = ask(woman(70, medications=(Medication(drug("C03CA01")),)))
    assert (verdict.alert.severity, verdict.alert.others, verdict.unknown.needs) == (
        "precaution",
        ("C03CA01",),
        ("potassium",),
    )


def test_what_cannot_change_the_answer_is_not_reported_unknown() -> None:
    assert ask(woman(40, medications=())).unknown is None  # too young whatever the potassium


def test_out_of_scope_is_silence() -> None:
    verdict = ask(Patient(sex="male"))
    assert (verdict.alert, verdict.unknown) == (None, None)


def test_unknown_scope_matters_only_where_an_answer_hangs_on_it() -> None:
    assert ask(Patient(birth_date=date(1990, 1, 1), medications=())).unknown is None
    old = Patient(birth_date=date(1940, 1, 1), observations=(Observation("2823-3", 6.0, "mmol/L", DAY),))
    assert ask(old).unknown.needs == ("sex", "diuretic")


def test_medications_not_told_are_unknown_but_an_empty_list_is_none() -> None:
    assert ask(woman(40)).unknown.needs == ("diuretic",)
    assert ask(woman(40, medications=())).unknown is None


def test_a_unit_that_cannot_be_converted_is_unknown_and_said_aloud() -> None:
    patient = woman(70, medications=())
    wrong = Observation("2823-3", 5.6, "mg/dL", DAY)
    verdict = ask(msgspec.structs.replace(patient, observations=(wrong,)))
    assert verdict.unknown.needs == ("potassium",)
    assert [fault.en for fault in verdict.faults] == [
        "unit: found mg/dL (mass concentration), expected mmol/L (substance concentration)"
    ]


def test_the_trace_names_fact_value_unit_day_and_truth() -> None:
    last = ask(woman(70, 5.6)).alert.trace[-1]
    assert (last.fact, last.value, last.unit, last.date, last.test, last.truth) == (
        "potassium",
        "5.6",
        "mmol/L",
        "2026-11-01",
        "potassium > 5.5",
        "true",
    )


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("old and", "old and ( ", "expected ')'"),
        ("age >= old", "agee >= old", "found ['agee'], expected facts or limits of the rule"),
    ],
)
def test_a_condition_that_cannot_be_run_stops_the_loading(change: str, to: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        CompiledRule(parse(RULE.replace(change, to)))
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("next: 2099-01-01", "next: 2026-01-01", "review was due on 2026-01-01"),
        ("with {others}", "with {who}", "names ['who'], expected facts or limits of the rule"),
        ('en: "with {others}"', "en: ' '", "lacks its text in zh or en"),
        ("potassium > 5.5,", "potassium > '5.5',", "potassium is a number, compared with text"),
        ("if: diuretic", "if: diuretic == 1", "diuretic is true or false, write it alone"),
        ("if: diuretic", "if: age >= old and potassium > 5.5", "the same condition stands above it"),
        ("sources: [{title: T", "sources: [{title: ''", "a source lacks its title, date or grade"),
        ("", "", "no test stands on the boundary age = 70"),
        ("", "", "no test expects avoid"),
    ],
)
def test_lint_names_what_is_missing(change: str, to: str, says: str) -> None:
    compiled = CompiledRule(parse(RULE.replace(change, to)))
    assert any(says in fault for fault in faults(compiled, date(2026, 11, 21)))
