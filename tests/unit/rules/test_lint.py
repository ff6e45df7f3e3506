"""What lint refuses, one fault at a time, made in a rule that has none."""

from datetime import date

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking.lint import lint
from cdss.rules.language.read import parse

TODAY = date(2026, 11, 25)
GOOD = (KNOWLEDGE / "renal" / "metformin.yaml").read_text(encoding="utf-8")


def faults(*texts: str) -> list[str]:
    return [fault.text for fault in lint([CompiledRule(parse(text)) for text in texts], TODAY)]


def changed(change: str, to: str) -> str:
    assert change in GOOD
    return GOOD.replace(change, to)


def test_the_example_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("next: 2027-11-21", "next: 2026-11-25", "review was due on 2026-11-25"),
        ("last: 2026-11-21", "last: 2026-11-26", "lies in the future"),
        ("en: No eGFR within a year; check it first.", "en: ''", "lacks its text in zh or en"),
        ('dated: "2016-04-08"', 'dated: ""', "a source lacks its title, date or grade"),
        ("if: egfr < caution", "if: egfr < stop", "can never be given: the same condition stands above it"),
        ("egfr: 45, expect: none", "egfr: 50, expect: none", "no test stands on the boundary egfr = 45"),
        ("egfr: null, expect: info", "egfr: 20, expect: contraindicated", "no test expects info"),
        ("{egfr}，低于 {stop}。", "{egfr}，低于 {stopp}。", "names ['stopp'], expected facts or limits of the rule"),
        ("limits:                 ", "  other: {icd10: [I10]}\nlimits:", "other is declared but no condition uses it"),
        ("if: egfr < stop", "if: egfr == 'low'", "egfr is a number, compared with text"),
    ],
)  # fmt: skip
def test_a_fault_is_found(change: str, to: str, says: str) -> None:
    assert any(says in fault for fault in faults(changed(change, to)))


def test_two_rules_that_judge_one_thing_differently_are_found() -> None:
    milder = changed("id: renal/metformin", "id: renal/metformin-again").replace("severity: info", "severity: consider")
    milder = milder.replace("expect: info", "expect: consider")
    (fault,) = faults(GOOD, milder)
    assert fault == "says info of A10BA02 where renal/metformin-again says consider; keep one of the two"


@pytest.mark.parametrize("change", ["kind: renal", "ordering: [A10BA02]", "98979-8", "status: active"])
def test_rules_about_different_things_do_not_contradict_each_other(change: str) -> None:
    other = {
        "kind: renal": "kind: hepatic", "ordering: [A10BA02]": "ordering: [A10BB12]", "98979-8": "35591-7",
        "status: active": "status: draft",
    }[change]  # fmt: skip
    milder = changed("id: renal/metformin", "id: renal/again").replace("severity: info", "severity: consider")
    assert not [f for f in faults(GOOD, milder.replace(change, other)) if "keep one of the two" in f]
