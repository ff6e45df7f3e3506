"""A condition as it was read: tests, and how `and`, `or` and `not` join them. Made ready to run in two ways:
`traced` here, which tells every test it makes, and `quick` in quick.py, which only answers."""

from dataclasses import dataclass

from cdss.rules.language import conditions
from cdss.rules.language.conditions import Check, Compare, Condition


@dataclass(frozen=True, slots=True)
class Holds:
    """A fact that is itself true, false or unknown."""

    check: Check


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """Whether a fact is unknown (`wanted`) or known."""

    check: Check
    wanted: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """A fact that is one of the check's literals."""

    check: Check


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact against a number or word, or against another fact or limit by name (`other`)."""

    check: Check
    compare: Compare
    literal: float | str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Both:
    """All parts."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any part."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a part."""

    part: "Tree"


Tree = Holds | IsUnknown | OneOf | Compared | Both | Either | Negation


def traced(tree: Tree) -> Condition:
    """The condition over an environment that is told of every test."""
    match tree:
        case Both(parts):
            return conditions.both([traced(part) for part in parts])
        case Either(parts):
            return conditions.either([traced(part) for part in parts])
        case Negation(part):
            return conditions.negation(traced(part))
        case Holds(check):
            return conditions.holds(check)
        case IsUnknown(check, wanted):
            return conditions.is_unknown(check, wanted)
        case OneOf(check):
            return conditions.one_of(check)
        case Compared(check, compare, literal, other):
            if other:
                return conditions.compared_with(check, compare, other)
            return conditions.compared(check, compare, literal)
