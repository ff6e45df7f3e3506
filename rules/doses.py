"""How much of an ingredient a prescription gives: at a time, and in a day."""

import msgspec

from cdss.rules.facts import Medication, Order, Quantity


class Fault(msgspec.Struct, frozen=True):
    """Why an amount that was told cannot be used."""

    text: str


Amount = Quantity | Fault | None


def single(taken: Order | Medication, ingredient: str) -> Amount:
    """The amount of the ingredient at a time; None if it was not told or the ingredient is one of several."""
    if taken.dose is None or [i.id for i in taken.drug.ingredients] != [ingredient]:
        return None
    return taken.dose


def daily(taken: Order | Medication, ingredient: str) -> Amount:
    """The amount of the ingredient in a day; None if it was not told."""
    amount = single(taken, ingredient)
    if not isinstance(amount, Quantity):
        return amount
    return None if taken.times_a_day is None else Quantity(amount.value * taken.times_a_day, amount.unit)
