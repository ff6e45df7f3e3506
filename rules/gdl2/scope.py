"""What a running guideline knows: the values told and set so far, the rules that have fired, and the day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cdss.rules.gdl2.compute import calculated, number
from cdss.rules.gdl2.values import Coded, Ordinal, Proportion, Quantity, Value, written

Codes = frozenset[tuple[str, str]]


class DayNotTold(ValueError):
    """The guideline asks which day it is, and nobody said."""


@dataclass(slots=True)
class Scope:
    """`values`: element code -> values, the last one counts. `terms` and `bindings` are the guideline's own.

    `now` None: the day was not told; a guideline that asks for it raises DayNotTold.
    """

    values: dict[str, list[Value]]
    now: datetime | None
    terms: Mapping[str, str]
    bindings: Mapping[tuple[str, str], Codes]
    fired: set[str] = field(default_factory=set)
    made: dict[str, Any] = field(default_factory=dict)  # template -> the resource made from it
    outputs: frozenset[str] = frozenset()  # the elements that only the guideline itself sets
    precise: set[str] = field(default_factory=set)  # elements whose precision the guideline has set
    drafts: dict[str, Quantity] = field(default_factory=dict)  # unit and precision told before there is a magnitude

    def read(self, code: str, attribute: str | None) -> Value | None:
        """The value of an element or of one attribute of it; None if it is not known."""
        if attribute == "term":
            return self.terms.get(code)
        if attribute == "count":
            return float(len(self.values.get(code, ())))
        if attribute == "sum":
            return calculated(lambda *all_: sum(all_), *map(number, self.values.get(code, ())))
        value = self._clock(code) if code.startswith("current") else self.last(code)
        return value if attribute is None or value is None else part(value, attribute)

    def last(self, code: str) -> Value | None:
        """The newest value of an element."""
        found = self.values.get(code)
        return found[-1] if found else None

    def not_set(self, code: str) -> bool:
        """Whether the guideline has not set an element of its own: that is known, and not a value nobody told."""
        return code in self.outputs and not self.values.get(code)

    def write(self, code: str, value: Value) -> None:
        """From now on the element has this value."""
        self.values.setdefault(code, []).append(value)

    def _clock(self, code: str) -> datetime:
        if self.now is None:
            raise DayNotTold("asks for the current date, and the case does not say which day it is")
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0) if code == "currentDate" else self.now


def part(value: Value, attribute: str) -> Value | None:
    """An attribute of a value by its openEHR name; None if the value has none of that name."""
    match attribute, value:
        case ("magnitude" | "value", str() | bool() | datetime()):
            return value
        case "magnitude" | "value", Coded():
            return value.text if attribute == "value" else None
        case "magnitude" | "value", timedelta():
            return number(value)
        case (("magnitude" | "value"), _):
            return number(value)
        case "string", _:
            return written(value)
        case (("unit" | "units" | "precision"), Quantity()):
            return value.precision if attribute == "precision" else value.unit
        case (("numerator" | "denominator"), Proportion()):
            return value.numerator if attribute == "numerator" else value.denominator
        case (("type" | "kind"), Proportion()):
            return float(value.kind)
        case (("year" | "month" | "day" | "hour" | "minute"), datetime()):
            return float(getattr(value, attribute))
        case _, Ordinal():
            return value.symbol if attribute == "symbol" else part(value.symbol, attribute)
        case (("code" | "definingCode"), Coded()):
            return value.code
        case (("label" | "text" | "name"), Coded()):
            return value.text
        case (("terminology" | "terminologyId"), Coded()):
            return value.terminology
    return None
