"""What a fact's finder answers, whichever kind of fact it is."""

from collections.abc import Callable

import msgspec

from cdss.rules.alert import Text
from cdss.rules.asking.context import Context
from cdss.rules.facts import Order
from cdss.rules.language.conditions import Value


class Found(msgspec.Struct, frozen=True):
    """A fact's value (None: unknown), its unit and day, and what it was found in: medicines, allergies, conditions.

    `fault` says why a value that was sent could not be used, `computed_by` which equation made it.
    """

    value: Value
    unit: str = ""
    day: str | None = None
    others: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    fault: Text | None = None
    computed_by: str = ""


UNKNOWN = Found(None)
Finder = Callable[[Context, Order | None], Found]


def untranslated(error: ValueError) -> Text:
    """An error about a unit, as a fault."""
    return Text(f"单位无法换算：{error}", f"unit: {error}")
