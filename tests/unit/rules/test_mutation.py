"""A number that could be wrong without any test noticing is found; one that is guarded on both sides is not named."""

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking.mutation import survey
from cdss.rules.language.read import parse

METFORMIN = (KNOWLEDGE / "renal" / "metformin.yaml").read_text(encoding="utf-8")


def test_the_example_guards_both_its_limits_on_both_sides() -> None:
    found = survey([CompiledRule(parse(METFORMIN))])
    assert (found.rules, found.numbers, found.survivors, found.caught) == (1, 4, (), 1.0)


def test_a_limit_without_a_test_beside_it_survives() -> None:
    unguarded = METFORMIN.replace("egfr: 44, expect", "egfr: 40, expect")
    (survivor,) = survey([CompiledRule(parse(unguarded))]).survivors
    assert (survivor.rule, survivor.number, survivor.became) == ("renal/metformin", "caution 2016-04-08 45", "44")


def test_numbers_written_in_conditions_are_moved_too() -> None:
    literal = METFORMIN.replace("egfr < stop", "egfr < 30").replace("  stop: {2016-04-08: 30}\n", "")
    assert (
        survey([CompiledRule(parse(literal.replace("低于 {stop}", "低").replace("below {stop}", "low")))]).numbers == 4
    )
