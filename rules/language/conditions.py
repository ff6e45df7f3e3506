"""Conditions as closures over an environment, answering true, false or None for unknown (Kleene's logic)."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


class AtLeast(float):
    """A sum of which a part was not told: what is known of it. It can prove "more than", never "less than"."""

    __slots__ = ()


class Below(float):
    """A result told only as below a number ("<15"), or known so by a diagnosis: it can prove "less", never "more"."""

    __slots__ = ()


PARTIAL = frozenset({AtLeast, Below})  # numbers that are not told to the end
Value = float | str | bool | None
Kleene = bool | None


@dataclass(frozen=True, slots=True)
class Check:
    """One test as it stands in a rule: its text, the fact it is about, the names it reads, the constants in it."""

    text: str
    fact: str
    names: tuple[str, ...]
    literals: tuple[float | str, ...] = ()
    about_unknown: bool = False


class Environment(Protocol):
    """What a condition reads from and reports to."""

    def value(self, name: str) -> Value:
        """The fact's or limit's value; None if unknown."""

    def in_force(self, name: str) -> bool:
        """False for a limit that did not exist on that day: a comparison with it is false, not unknown."""

    def made(self, test: Check, truth: Kleene) -> None:
        """Called for every test made, for the trace."""


Condition = Callable[[Environment], Kleene]
Compare = Callable[[Any, Any], bool]
World = TypeVar("World")  # what a condition is asked of: an Environment, or what a guideline from elsewhere knows

COMPARE: dict[str, Compare] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


UPWARD, DOWNWARD = frozenset({operator.gt, operator.ge}), frozenset({operator.lt, operator.le})


def compared_values(compare: Compare, left: Any, right: Any) -> Kleene:
    """How the comparison comes out; unknown where a part of either side was not told and could change it."""
    if type(right) in PARTIAL:
        return None
    if type(left) is Below:
        return compare(-math.inf, right) if left <= right else None
    truth = compare(left, right)
    if type(left) is not AtLeast:
        return truth
    certain = compare in UPWARD if truth else compare in DOWNWARD
    return truth if certain else None


def within(value: Value, options: frozenset[float | str]) -> Kleene:
    """Whether the value is one of several; unknown where it was not told to the end."""
    return None if value is None or type(value) in PARTIAL else value in options


def like(told: float, value: float) -> float:
    """A number that comes from another one, no surer than that one."""
    return type(told)(value) if type(told) in PARTIAL else value


def either(parts: list[Callable[[World], Kleene]]) -> Callable[[World], Kleene]:
    """True if one is true, unknown if none is but one is unknown, else false."""
    if len(parts) == 1:
        return parts[0]

    def condition(env: World) -> Kleene:
        truth: Kleene = False
        for part in parts:
            found = part(env)
            if found:
                return True
            truth = None if found is None else truth
        return truth

    return condition


def both(parts: list[Callable[[World], Kleene]]) -> Callable[[World], Kleene]:
    """False if one is false, unknown if none is but one is unknown, else true."""
    if len(parts) == 1:
        return parts[0]

    def condition(env: World) -> Kleene:
        truth: Kleene = True
        for part in parts:
            found = part(env)
            if found is False:
                return False
            truth = None if found is None else truth
        return truth

    return condition


def negation(part: Callable[[World], Kleene]) -> Callable[[World], Kleene]:
    """Unknown stays unknown."""

    def condition(env: World) -> Kleene:
        found = part(env)
        return None if found is None else not found

    return condition


def holds(test: Check) -> Condition:
    """A fact that is itself true, false or unknown."""

    def condition(env: Environment) -> Kleene:
        value = env.value(test.fact)
        truth = None if value is None else bool(value)
        env.made(test, truth)
        return truth

    return condition


def is_unknown(test: Check, wanted: bool) -> Condition:
    """Whether the fact is unknown (`wanted`) or known; itself never unknown."""

    def condition(env: Environment) -> Kleene:
        truth = (env.value(test.fact) is None) == wanted
        env.made(test, truth)
        return truth

    return condition


def one_of(test: Check) -> Condition:
    """The fact is one of the test's literals."""
    options = frozenset(test.literals)

    def condition(env: Environment) -> Kleene:
        value = env.value(test.fact)
        truth = within(value, options)
        env.made(test, truth)
        return truth

    return condition


def compared(test: Check, compare: Compare, right: float | str) -> Condition:
    """The fact against a constant."""

    def condition(env: Environment) -> Kleene:
        left = env.value(test.fact)
        truth = None if left is None else compared_values(compare, left, right)
        env.made(test, truth)
        return truth

    return condition


def compared_with(test: Check, compare: Compare, right: str) -> Condition:
    """The fact against a limit, or another fact, by name."""

    def condition(env: Environment) -> Kleene:
        if not env.in_force(right):
            return False
        left, other = env.value(test.fact), env.value(right)
        truth = None if left is None or other is None else compared_values(compare, left, other)
        env.made(test, truth)
        return truth

    return condition
