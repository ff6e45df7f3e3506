"""Would a rule's own tests notice a wrong number? Every number is moved by one unit, and the tests are run again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking.selftest import run
from cdss.rules.language.expression import NUMBER, TEXT
from cdss.rules.language.rule import Rule


@dataclass(frozen=True, slots=True)
class Survivor:
    """A number that could be wrong by one unit without any test of its rule failing."""

    rule: str
    number: str
    became: str


@dataclass(frozen=True, slots=True)
class Survey:
    """`rules` have at least one number, `numbers` were moved up and down; `survivors` were not noticed."""

    rules: int
    numbers: int
    survivors: tuple[Survivor, ...]

    @property
    def caught(self) -> float:
        """The share of rules of which every moved number was noticed."""
        return 1 - len({survivor.rule for survivor in self.survivors}) / self.rules if self.rules else 1.0


def survey(rules: Iterable[CompiledRule]) -> Survey:
    """Every number of every rule moved by one unit either way."""
    mutants = [(compiled, list(_mutants(compiled.rule))) for compiled in rules]
    numbered = [(compiled, found) for compiled, found in mutants if found]
    survivors = tuple(
        Survivor(compiled.rule.id, number, became)
        for compiled, found in numbered
        for number, became, mutant in found
        if all(outcome.passed for outcome in run(CompiledRule(mutant, compiled.settings)))
    )
    return Survey(len(numbered), sum(len(found) for _, found in numbered), survivors)


def _mutants(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    """The number, what it became, and the rule with it."""
    for name, dated in rule.limits.items():
        for day, value in dated.items():
            for moved in _moved(value):
                yield f"{name} {day} {value:g}", f"{moved:g}", _with_limit(rule, name, day, moved)
    for place, alert in enumerate(rule.alerts):
        for number, became, condition in _moved_literals(alert.condition):
            changed = msgspec.structs.replace(alert, condition=condition)
            alerts = [*rule.alerts[:place], changed, *rule.alerts[place + 1 :]]
            yield number, became, msgspec.structs.replace(rule, alerts=alerts)
    for number, became, condition in _moved_literals(rule.applies):
        yield number, became, msgspec.structs.replace(rule, applies=condition)


def _with_limit(rule: Rule, name: str, day: date, value: float) -> Rule:
    return msgspec.structs.replace(rule, limits={**rule.limits, name: {**rule.limits[name], day: value}})


def _moved_literals(condition: str) -> Iterator[tuple[str, str, str]]:
    """Numbers written in a condition; those inside quoted text are words."""
    for match in NUMBER.finditer(TEXT.sub(lambda quoted: " " * len(quoted[0]), condition)):
        for moved in _moved(float(match[0])):
            yield match[0], f"{moved:g}", f"{condition[: match.start()]}{moved:g}{condition[match.end() :]}"


def _moved(value: float) -> tuple[float, float]:
    """One unit less and more, in the last digit the number is written with."""
    digits = len(f"{value:g}".partition(".")[2])
    unit = 10.0**-digits
    return round(value - unit, digits), round(value + unit, digits)
