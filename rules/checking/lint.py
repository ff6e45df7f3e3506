"""What a rule file must have beyond being readable: found here, before it can reach a patient."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cdss.rules.alert import Text
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.asking.words import placeholders
from cdss.rules.checking.lint_between import contradictions
from cdss.rules.language.conditions import Check
from cdss.rules.language.rule import NUMBERED, Fact, Rule

NUMERIC = {"loinc", "setting"}
WORDS = {"route", "method"}  # properties of an order that are no numbers
TRUTHS = {"icd10", "taking", "allergy", "duplicate", "indication"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a rule, and what to do."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


def lint(rules: Iterable[CompiledRule], today: date) -> list[Fault]:
    """Every fault of every rule, and those between two of them."""
    every = list(rules)
    found = [Fault(compiled.rule.id, text) for compiled in every for text in faults(compiled, today)]
    return found + [Fault(rule, text) for rule, text in contradictions(every)]


def faults(compiled: CompiledRule, today: date) -> Iterator[str]:
    """The faults of one rule, in words."""
    rule = compiled.rule
    yield from _review(rule, today)
    yield from _texts(rule)
    yield from _sources(rule)
    yield from _unused(compiled)
    yield from _unreachable(rule)
    yield from _types(compiled)
    yield from _missing_tests(compiled)


def _review(rule: Rule, today: date) -> Iterator[str]:
    if rule.review.next <= today:
        yield f"review was due on {rule.review.next}; look at the sources again and set review.last and review.next"
    if rule.review.last > today:
        yield f"review.last {rule.review.last} lies in the future"


def _texts(rule: Rule) -> Iterator[str]:
    known = {*rule.facts, *rule.limits, "drug", "others"}
    for alert in rule.alerts:
        where = f"the alert `if: {alert.condition}`"
        summary = Text(alert.zh, alert.en)
        if not (summary.zh.strip() and summary.en.strip()):
            yield f"{where} lacks its text in zh or en"
        for pair in (alert.detail, alert.action):
            if bool(pair.zh.strip()) != bool(pair.en.strip()):
                yield f"{where} has a detail or action in one language only"
        for text in (summary, alert.detail, alert.action):
            if unknown := placeholders(text) - known:
                yield f"{where} names {sorted(unknown)}, expected facts or limits of the rule"


def _sources(rule: Rule) -> Iterator[str]:
    for source in rule.sources:
        if not (source.title.strip() and source.dated.strip() and source.grade.strip()):
            yield "a source lacks its title, date or grade"


def _unused(compiled: CompiledRule) -> Iterator[str]:
    used = {name for test in _tests(compiled) for name in test.names}
    for name in sorted({*compiled.rule.facts, *compiled.rule.limits} - used):
        yield f"{name} is declared but no condition uses it"


def _unreachable(rule: Rule) -> Iterator[str]:
    seen: set[str] = set()
    for alert in rule.alerts:
        condition = " ".join(alert.condition.split())
        if condition in seen:
            yield f"the alert `if: {condition}` can never be given: the same condition stands above it"
        seen.add(condition)


def _types(compiled: CompiledRule) -> Iterator[str]:
    for test in _tests(compiled):
        fact = compiled.rule.facts[test.fact]
        if _is_number(fact) and any(isinstance(literal, str) for literal in test.literals):
            yield f"`{test.text}`: {test.fact} is a number, compared with text"
        elif fact.kind() in TRUTHS and (test.literals or len(test.names) > 1):
            yield f"`{test.text}`: {test.fact} is true or false, write it alone"


def _is_number(fact: Fact) -> bool:
    if fact.kind() in NUMERIC:
        return True
    return fact.patient in {"age", "weight"} or (fact.order is not None and fact.order not in WORDS)


def _missing_tests(compiled: CompiledRule) -> Iterator[str]:
    rule = compiled.rule
    expected = {test.expect.partition(NUMBERED)[0] for test in rule.tests}
    for alert in rule.alerts:
        if alert.severity not in expected:
            yield f"no test expects {alert.severity}"
    if "none" not in expected:
        yield "no test expects none: show when the rule is silent"
    if not any(_leaves_unknown(rule, test.facts) for test in rule.tests):
        yield "no test leaves a fact unknown: show what the rule says then"
    for boundary in sorted(_boundaries(compiled)):
        if not any(test.facts.get(boundary[0]) == boundary[1] for test in rule.tests):
            yield f"no test stands on the boundary {boundary[0]} = {boundary[1]:g}"


def _leaves_unknown(rule: Rule, facts: dict[str, float | str | bool | None]) -> bool:
    return any(facts.get(name) is None for name in rule.facts)


def _boundaries(compiled: CompiledRule) -> set[tuple[str, float]]:
    """Each number a fact is compared with, in force at any time."""
    found: set[tuple[str, float]] = set()
    for test in _tests(compiled):
        found |= {(test.fact, literal) for literal in test.literals if isinstance(literal, float)}
        for name in test.names[1:]:
            found |= {(test.fact, value) for value in compiled.rule.limits.get(name, {}).values()}
            if name in compiled.rule.facts and (setting := compiled.rule.facts[name].setting):
                found.add((test.fact, compiled.settings[setting].value))
    return found


def _tests(compiled: CompiledRule) -> Iterator[Check]:
    for expression in (*([compiled.applies] if compiled.applies else []), *(e for e, _ in compiled.answers)):
        yield from expression.tests
