"""Facts about how much of an ingredient an order gives: at a time, in a day, with everything else taken, by weight."""

from collections.abc import Callable

from cdss.rules.asking.context import Context, Taken
from cdss.rules.asking.found import UNKNOWN, Finder, Found, untranslated
from cdss.rules.asking.renewal import same_product
from cdss.rules.facts import Drug, Order
from cdss.rules.language.conditions import AtLeast
from cdss.rules.language.rule import Fact
from cdss.rules.terms.doses import Amount, Fault, daily, single
from cdss.rules.terms.units import NotConvertible, UnknownUnit, canonical, convert, rounded

PER_WEIGHT = "/kg"
Measure = Callable[[Context, Order, str, str], Found]


def dose_finder(fact: Fact, ordering: tuple[str, ...]) -> Finder:
    """The finder of a dose of the ingredient under the rule's `ordering` codes, in the fact's unit."""
    name = str(fact.order)
    measure, unit = MEASURES[name], canonical(fact.unit)

    def find(context: Context, order: Order | None) -> Found:
        ingredient = ingredient_of(order.drug, ordering) if order else None
        if order is None or ingredient is None:
            return UNKNOWN
        key = (name, order.id, ingredient, unit)
        found = context.found.get(key)
        if found is None:
            found = context.found[key] = measure(context, order, ingredient, unit)
        return found

    return find


def ingredient_of(drug: Drug, ordering: tuple[str, ...]) -> str | None:
    """The ingredient a rule for these codes is about; None if that is not one alone."""
    if len(drug.ingredients) == 1:
        return drug.ingredients[0].id
    about = [i.id for i in drug.ingredients if any(code.startswith(ordering) for code in i.atc)] if ordering else []
    return about[0] if len(about) == 1 else None


def _single(_: Context, order: Order, ingredient: str, unit: str) -> Found:
    return _measured(single(order, ingredient), unit)


def _daily(_: Context, order: Order, ingredient: str, unit: str) -> Found:
    return _measured(daily(order, ingredient), unit)


def _total(context: Context, order: Order, ingredient: str, unit: str) -> Found:
    """All orders and medicines with the ingredient together; what part of it is not told makes it "at least".

    The same product taken already in another dose is left out: the order changes its dose.
    """
    parts = [taken for taken in context.containing((ingredient,)) if taken.drug.systemic and not _changes(order, taken)]
    amounts = [_measured(daily(taken.prescription, ingredient), unit) for taken in parts]
    known = [found.value for found in amounts if isinstance(found.value, float)]
    fault = next((found.fault for found in amounts if found.fault), None)
    if not known:
        return Found(None, unit, fault=fault)
    total = rounded(sum(known))
    orders = tuple(taken.order for taken in parts if taken.order is not None)
    return Found(total if len(known) == len(parts) else AtLeast(total), unit, orders=orders, fault=fault)


def _changes(order: Order, taken: Taken) -> bool:
    """Whether the order changes the dose of what is taken; what is asked about as taken (no id) changes nothing."""
    return bool(order.id) and taken.order is None and same_product(order.drug, taken.drug)


def _single_by_weight(context: Context, order: Order, ingredient: str, unit: str) -> Found:
    return _by_weight(_single(context, order, ingredient, unit.removesuffix(PER_WEIGHT)), context, unit)


def _daily_by_weight(context: Context, order: Order, ingredient: str, unit: str) -> Found:
    return _by_weight(_total(context, order, ingredient, unit.removesuffix(PER_WEIGHT)), context, unit)


def _by_weight(found: Found, context: Context, unit: str) -> Found:
    weight = context.patient.weight_kg
    if not isinstance(found.value, float) or weight is None:
        return Found(None, unit, fault=found.fault)
    return Found(type(found.value)(rounded(found.value / weight)), unit, orders=found.orders, fault=found.fault)


def _measured(amount: Amount, unit: str) -> Found:
    if amount is None:
        return UNKNOWN
    if isinstance(amount, Fault):
        return Found(None, unit, fault=amount.says)
    try:
        return Found(rounded(convert(amount.value, amount.unit, unit)), unit)
    except (UnknownUnit, NotConvertible) as e:
        return Found(None, unit, fault=untranslated(e))


MEASURES: dict[str, Measure] = {
    "dose": _single, "daily_dose": _daily, "total_daily_dose": _total, "dose_per_kg": _single_by_weight,
    "daily_dose_per_kg": _daily_by_weight,
}  # fmt: skip
