"""Conditions without a trace: most rules asked about an order are silent, and only those that may speak need one.

Same logic as conditions.py (a test holds the two against each other); every fact is bound to its finder beforehand.
"""

from collections.abc import Callable, Mapping

from cdss.rules.asking.context import Context
from cdss.rules.asking.found import Finder
from cdss.rules.facts import Order
from cdss.rules.language.condition_tree import Both, Compared, Either, Holds, IsUnknown, Negation, OneOf, Tree
from cdss.rules.language.conditions import Compare, Kleene, compared_values, within

Limits = Mapping[str, float | None]
Quick = Callable[[Context, Order | None, Limits], Kleene]


def quick(tree: Tree, finders: Mapping[str, Finder]) -> Quick:
    """The condition bound to the finders of its facts. What a fact is compared with, if it is no fact, is a limit."""
    match tree:
        case Both(parts):
            return _joined(tuple(quick(part, finders) for part in parts), decisive=False)
        case Either(parts):
            return _joined(tuple(quick(part, finders) for part in parts), decisive=True)
        case Negation(part):
            return _negated(quick(part, finders))
        case Holds(check):
            return _holds(finders[check.fact])
        case IsUnknown(check, wanted):
            return _is_unknown(finders[check.fact], wanted)
        case OneOf(check):
            return _one_of(finders[check.fact], frozenset(check.literals))
        case Compared(check, compare, literal, other):
            if not other:
                return _against_literal(finders[check.fact], compare, literal)
            if other in finders:
                return _against_fact(finders[check.fact], compare, finders[other])
            return _against_limit(finders[check.fact], compare, other)


def _joined(parts: tuple[Quick, ...], decisive: bool) -> Quick:
    """`or` (decisive is true) or `and` (false): the decisive truth of one part decides; else unknown if one is."""
    if len(parts) == 1:
        return parts[0]

    def condition(context: Context, order: Order | None, limits: Limits) -> Kleene:
        truth: Kleene = not decisive
        for part in parts:
            found = part(context, order, limits)
            if found is decisive:
                return decisive
            if found is None:
                truth = None
        return truth

    return condition


def _negated(part: Quick) -> Quick:
    def condition(context: Context, order: Order | None, limits: Limits) -> Kleene:
        found = part(context, order, limits)
        return None if found is None else not found

    return condition


def _holds(find: Finder) -> Quick:
    def condition(context: Context, order: Order | None, _: Limits) -> Kleene:
        value = find(context, order).value
        return None if value is None else bool(value)

    return condition


def _is_unknown(find: Finder, wanted: bool) -> Quick:
    return lambda context, order, _: (find(context, order).value is None) == wanted


def _one_of(find: Finder, options: frozenset[float | str]) -> Quick:
    def condition(context: Context, order: Order | None, _: Limits) -> Kleene:
        return within(find(context, order).value, options)

    return condition


def _against_literal(find: Finder, compare: Compare, literal: float | str) -> Quick:
    def condition(context: Context, order: Order | None, _: Limits) -> Kleene:
        left = find(context, order).value
        return None if left is None else compared_values(compare, left, literal)

    return condition


def _against_fact(find: Finder, compare: Compare, find_other: Finder) -> Quick:
    def condition(context: Context, order: Order | None, _: Limits) -> Kleene:
        left, right = find(context, order).value, find_other(context, order).value
        return None if left is None or right is None else compared_values(compare, left, right)

    return condition


def _against_limit(find: Finder, compare: Compare, limit: str) -> Quick:
    def condition(context: Context, order: Order | None, limits: Limits) -> Kleene:
        right = limits[limit]
        if right is None:
            return False
        left = find(context, order).value
        return None if left is None else compared_values(compare, left, right)

    return condition
