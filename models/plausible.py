"""What a measurement can be: its unit, its plausible range, and what is said when it is outside.

A value outside is almost always a wrong unit or a slip of the keyboard; a number computed from it would look real.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity. `low` and `high` are inclusive, in `unit` (UCUM; "1" for a yes/no coded 1/0 or a count).

    `other` says by which factor a value in another usual unit is multiplied to come into `unit`: {"mg/dL": 0.02586}.
    It is used to name the likely cause, never to convert silently.
    """

    zh: str
    en: str
    unit: str
    low: float
    high: float
    other: Mapping[str, float] = field(default_factory=dict)
    yes_no: bool = False


def yes_no(zh: str, en: str) -> Quantity:
    """A question answered 1 (yes) or 0 (no)."""
    return Quantity(zh, en, "1", 0, 1, yes_no=True)


class ImplausibleValue(ValueError):
    """A measurement is outside its plausible range: almost always a wrong unit."""

    def __init__(self, field: str, value: float, quantity: Quantity) -> None:
        self.field, self.value, self.quantity = field, value, quantity
        unit = "" if quantity.unit == "1" else f" {quantity.unit}"
        expected = f"expected {quantity.low:g} to {quantity.high:g}{unit}"
        super().__init__(f"{field}: found {value:g}, {expected}; {_cause(value, quantity)}")


def check(field: str, value: float, quantity: Quantity) -> float:
    """`value` if it is plausible; raises ImplausibleValue naming field, value, unit, range and the likely cause."""
    plausible = quantity.low <= value <= quantity.high  # False for nan
    if not plausible or (quantity.yes_no and value not in (0, 1)):
        raise ImplausibleValue(field, value, quantity)
    return value


def outside(value: NDArray[np.float64], quantity: Quantity) -> NDArray[np.bool_]:
    """(n,) which values `check` would refuse; nan is missing, and none of them."""
    wrong: NDArray[np.bool_] = (value < quantity.low) | (value > quantity.high)
    return wrong | ((value != 0) & (value != 1) & ~np.isnan(value)) if quantity.yes_no else wrong


def _cause(value: float, quantity: Quantity) -> str:
    if quantity.yes_no:
        return "code it 0 (no) or 1 (yes)"
    for unit, factor in quantity.other.items():
        if quantity.low <= value * factor <= quantity.high:
            return f"it looks like {unit}"
    return "check the value and its unit"
