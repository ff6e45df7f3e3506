"""What a measurement can be: its unit, its plausible range, and what is said when it is outside.

A value outside is almost always a wrong unit or a slip of the keyboard; a number computed from it would look real.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity. `low` and `high` are inclusive, in `unit` (UCUM; "1" for a yes/no coded 1/0).

    `other` says by which factor a value in another usual unit was multiplied to come into `unit`:
    {"mg/dL": 0.02586}. It is used only to name the likely cause, never to convert silently.
    """

    unit: str
    low: float
    high: float
    other: Mapping[str, float] | None = None


YES_NO = Quantity("1", 0, 1)


class ImplausibleValue(ValueError):
    """A measurement is outside its plausible range: almost always a wrong unit."""

    def __init__(self, field: str, value: float, quantity: Quantity) -> None:
        self.field, self.value, self.quantity = field, value, quantity
        expected = f"expected {quantity.low:g} to {quantity.high:g} {quantity.unit}"
        super().__init__(f"{field}: found {value:g}, {expected}; {_cause(value, quantity)}")


def check(field: str, value: float, quantity: Quantity) -> float:
    """`value` if it is plausible; raises ImplausibleValue naming field, value, unit, range and the likely cause."""
    if not quantity.low <= value <= quantity.high:  # nan too
        raise ImplausibleValue(field, value, quantity)
    if quantity is YES_NO and value not in (0, 1):
        raise ImplausibleValue(field, value, quantity)
    return value


def _cause(value: float, quantity: Quantity) -> str:
    for unit, factor in (quantity.other or {}).items():
        if quantity.low <= value * factor <= quantity.high:
            return f"it looks like {unit}"
    if quantity is YES_NO:
        return "code it 0 (no) or 1 (yes)"
    return "check the value and its unit"
