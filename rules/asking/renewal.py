"""Whether an order goes on with a medicine that is taken already, or comes on top of it.

Most orders of primary care are renewals. One is taken for a renewal if it names the same product and nothing that
both tell differs: route, amount at a time, amount in a day. It then stands in the place of the medicine taken, whose
doses are not counted a second time; rules say so (`duplicate: renewal`). The same product in another dose is told as a
duplicate, but most likely is a change of dose: the sum of both is not taken for what is given in a day.
"""

from cdss.rules.drugs.text import fold, without_strength
from cdss.rules.facts import Drug, Medication, Order, Quantity
from cdss.rules.terms.doses import Amount, daily, single
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert


def renews(order: Order, taken: Medication) -> bool:
    """Whether the order is for the same product as the medicine taken, given the same way in the same amount."""
    return same_product(order.drug, taken.drug) and _same_use(order, taken)


def same_product(one: Drug, other: Drug) -> bool:
    """Whether both hold the same under the same name; a strength may stand in one of them only."""
    if not one.ingredients or one.ingredients != other.ingredients:
        return False
    names = fold(one.text), fold(other.text)
    bare = tuple(map(without_strength, names))
    return names[0] == names[1] or (bare[0] == bare[1] and bare != names and (bare[0] in names))


def _same_use(order: Order, taken: Medication) -> bool:
    if None not in (order.route, taken.route) and order.route != taken.route:
        return False
    return all(
        _same(daily(order, one.id), daily(taken, one.id)) and _same(single(order, one.id), single(taken, one.id))
        for one in order.drug.ingredients
    )


def _same(one: Amount, other: Amount) -> bool:
    """Whether nothing that was told differs."""
    if one is None or other is None:
        return True
    if not isinstance(one, Quantity) or not isinstance(other, Quantity):
        return one == other
    try:
        return abs(convert(other.value, other.unit, one.unit) - one.value) <= 1e-9 * one.value
    except (UnknownUnit, NotConvertible):
        return False
