"""Conditions that the level of an interaction depends on: dose, route, age, history, kidney function.

`conditions.yaml` declares facts as rule files do, and conditions over them. A fact about an order says whose it is:
`side: a` or `b` of the row in the table that names the condition.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from cdss.rules.alert import Text, Traced
from cdss.rules.asking.compiled import TRUTHS, value_text
from cdss.rules.asking.context import Context, Taken
from cdss.rules.asking.dose_facts import MEASURES
from cdss.rules.asking.finders import finder
from cdss.rules.asking.found import Found
from cdss.rules.facts import Medication, Order
from cdss.rules.language.conditions import PARTIAL, Check, Kleene, Value
from cdss.rules.language.expression import Expression, ExpressionError, parse
from cdss.rules.language.read import RuleError, check_fact
from cdss.rules.language.rule import Fact
from cdss.rules.language.yaml_text import YamlError, read
from cdss.rules.terms.codes import InvalidCode
from cdss.rules.terms.table import TableError
from cdss.rules.terms.units import UnknownUnit, canonical

OF_AN_ORDER = ("order", "indication")
FAULTS = (
    YamlError, ExpressionError, RuleError, InvalidCode, UnknownUnit, UnicodeDecodeError, msgspec.ValidationError,
)  # fmt: skip


class SideFact(Fact, frozen=True, kw_only=True):
    """A fact of a rule file; where it is about an order, `side` says which of the two medicines is meant."""

    side: Literal["a", "b"] | None = None


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition in the file. The words stand after 若 and "if"."""

    zh: str
    en: str
    condition: str = msgspec.field(name="if")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    facts: dict[str, SideFact]
    conditions: dict[str, _Written]


class Side(NamedTuple):
    """One of the two medicines, and the ingredient of it that interacts."""

    order: Order
    ingredient: str


Sides = Mapping[str, Side]  # by "a" and "b"
SideFinder = Callable[[Context, Sides], Found]


def side(taken: Taken, ingredient: str) -> Side:
    """A medicine as the finders ask about it: what is taken already as if it were an order."""
    given = taken.prescription
    if isinstance(given, Medication):
        given = Order("", given.drug, given.dose, given.times_a_day, given.route, daily=given.daily)
    return Side(given, ingredient)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One condition, ready to be asked. `words`: how it is told to the doctor."""

    name: str
    words: Text
    expression: Expression


class Conditions:
    """The file, read and checked: conditions by name, its facts, and how each of them is found."""

    def __init__(
        self, by_name: dict[str, Condition], facts: dict[str, SideFact], finders: dict[str, SideFinder]
    ) -> None:
        self.by_name = by_name
        self.facts = facts
        self.finders = finders

    def shown(self, name: str, sides: Sides) -> str:
        """A fact as the answer names it: `dose of aspirin` where the file calls it `a_dose`."""
        fact = self.facts[name]
        return f"{fact.order or fact.kind()} of {sides[fact.side].ingredient}" if fact.side else name

    @classmethod
    def load(cls, path: Path) -> "Conditions":
        """The conditions of a folder; none where it has no file. TableError says what is wrong."""
        if not path.is_file():
            return cls({}, {}, {})
        try:
            file = msgspec.convert(read(path.read_text(encoding="utf-8")), _File)
            finders = {name: _finder(name, fact) for name, fact in file.facts.items()}
            by_name = {name: _condition(name, one, finders) for name, one in file.conditions.items()}
            return cls(by_name, file.facts, finders)
        except FAULTS as e:
            raise TableError(f"{path}: {e}") from e


class Asked:
    """The facts about one pair of medicines, each found once, and the trace of the tests made on them."""

    __slots__ = ("_conditions", "_context", "_sides", "found", "tests")

    def __init__(self, conditions: Conditions, context: Context, sides: Sides) -> None:
        self._conditions, self._context, self._sides = conditions, context, sides
        self.found: dict[str, Found] = {}
        self.tests: list[tuple[Check, Kleene]] = []

    def holds(self, conditions: tuple[Condition, ...]) -> Kleene:
        """Whether all of them hold; unknown if none is false but one is unknown."""
        truths = [condition.expression.evaluate(self) for condition in conditions]
        if False in truths:
            return False
        return None if None in truths else True

    def value(self, name: str) -> Value:
        if name not in self.found:
            self.found[name] = self._conditions.finders[name](self._context, self._sides)
        return self.found[name].value

    def in_force(self, _: str) -> bool:
        return True

    def made(self, test: Check, truth: Kleene) -> None:
        if (test, truth) not in self.tests:
            self.tests.append((test, truth))

    def trace(self) -> tuple[Traced, ...]:
        """Every test made, with the value it was made on."""
        return tuple(self._traced(test, truth) for test, truth in self.tests)

    def needs(self, conditions: Iterable[Condition]) -> tuple[str, ...]:
        """The facts for want of which these conditions could not be decided."""
        wanted = {test for condition in conditions for test in condition.expression.tests}
        names = (name for test, truth in self.tests if truth is None and test in wanted for name in test.names)
        return tuple(self._shown(name) for name in dict.fromkeys(names) if not self._told(name))

    def _told(self, name: str) -> bool:
        """False also where only a part was told."""
        value = self.found[name].value
        return value is not None and type(value) not in PARTIAL

    def _shown(self, name: str) -> str:
        return self._conditions.shown(name, self._sides)

    def _traced(self, test: Check, truth: Kleene) -> Traced:
        found = self.found[test.fact]
        return Traced(self._shown(test.fact), value_text(found.value), found.unit, found.day, test.text, TRUTHS[truth])


def _condition(name: str, written: _Written, finders: dict[str, SideFinder]) -> Condition:
    expression = parse(written.condition)
    if unknown := sorted(expression.names - finders.keys()):
        raise ExpressionError(f"{name}: {written.condition!r}: found {unknown}, expected facts of the file")
    return Condition(name, Text(written.zh, written.en), expression)


def _finder(name: str, fact: SideFact) -> SideFinder:
    check_fact(name, fact)
    about_order = fact.kind() in OF_AN_ORDER
    if about_order != (fact.side is not None):
        raise RuleError(f"facts.{name}: found side {fact.side!r}, expected a or b for a fact about an order, else none")
    if fact.order in MEASURES:
        return _dose(fact.order, fact.side or "", canonical(fact.unit))
    find: Any = finder(fact, (), {})
    if not about_order:
        return lambda context, _: find(context, None)
    return lambda context, sides: find(context, sides[fact.side or ""].order)


def _dose(measure: str, of: str, unit: str) -> SideFinder:
    """How much of the ingredient that interacts, whatever else the medicine holds."""
    find = MEASURES[measure]
    return lambda context, sides: find(context, sides[of].order, sides[of].ingredient, unit)
