"""Conditions without a trace: most rules asked about an order are silent, and only those that may speak need one.

Same logic as conditions.py (a test holds the two against each other); every fact is bound to its finder beforehand.
"""

from collections.abc import Callable, Mapping

from cdss.rules.condition_tree import Both, Compared, Either, Holds, IsUnknown, Negation, OneOf, Tree
from cdss.rules.conditions import AtLeast, Kleene, Value, compared_values
from cdss.rules.context import Context
from cdss.rules.facts import Order
from cdss.rules.found import Finder

Limits = Mapping[str, float | None]
Quick = Callable[[Context, Order | None, Limits], Kleene]
Getter = Callable[[Context, Order | None, Limits], Value]


def quick(tree: Tree, finders: Mapping[str, Finder]) -> Quick:
    """The condition bound to the finders of its facts; names that are no facts are limits."""
    match tree:
        case Both(parts):
            return _joined(tuple(quick(part, finders) for part in parts), decisive=False)
        case Either(parts):
            return _joined(tuple(quick(part, finders) for part in parts), decisive=True)
        case Negation(part):
            return _negated(quick(part, finders))
        case Holds(check):
            return _holds(_getter(check.fact, finders))
        case IsUnknown(check, wanted):
            return _is_unknown(_getter(check.fact, finders), wanted)
        case OneOf(check):
            return _one_of(_getter(check.fact, finders), frozenset(check.literals))
        case Compared():
            return _compared(tree, finders)


def _getter(name: str, finders: Mapping[str, Finder]) -> Getter:
    find = finders.get(name)
    if find is None:
        return lambda _, __, limits: limits[name]
    return lambda context, order, _: find(context, order).value


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


def _holds(get: Getter) -> Quick:
    def condition(context: Context, order: Order | None, limits: Limits) -> Kleene:
        value = get(context, order, limits)
        return None if value is None else bool(value)

    return condition


def _is_unknown(get: Getter, wanted: bool) -> Quick:
    return lambda context, order, limits: (get(context, order, limits) is None) == wanted


def _one_of(get: Getter, options: frozenset[float | str]) -> Quick:
    def condition(context: Context, order: Order | None, limits: Limits) -> Kleene:
        value = get(context, order, limits)
        return None if value is None or type(value) is AtLeast else value in options

    return condition


def _compared(tree: Compared, finders: Mapping[str, Finder]) -> Quick:
    get, compare, other, literal = _getter(tree.check.fact, finders), tree.compare, tree.other, tree.literal
    if not other:

        def against_literal(context: Context, order: Order | None, limits: Limits) -> Kleene:
            left = get(context, order, limits)
            return None if left is None else compared_values(compare, left, literal)

        return against_literal
    if other in finders:
        get_other = _getter(other, finders)

        def against_fact(context: Context, order: Order | None, limits: Limits) -> Kleene:
            left, right = get(context, order, limits), get_other(context, order, limits)
            return None if left is None or right is None else compared_values(compare, left, right)

        return against_fact

    def against_limit(context: Context, order: Order | None, limits: Limits) -> Kleene:
        right = limits[other]
        if right is None:
            return False
        left = get(context, order, limits)
        return None if left is None else compared_values(compare, left, right)

    return against_limit
