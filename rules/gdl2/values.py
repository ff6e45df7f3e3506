"""The values a guideline reads and writes: the openEHR data types GDL2 knows, read from and written to its notation.

    12.5,kg                     a quantity                 local::at0006|Yes|      a coded text
    1|local::at0006|Yes|        an ordinal                 96,100,2                a proportion
    true                        a boolean                  1950-03-01T00:00:00Z    a date and time

A count is a Python number, a text a string. What is not told is None.
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdss.rules.gdl2.dates import TIME_UNITS, reads_as_time, time_from

MAX_TEXT = 1000  # longer is a text, and never looked at as anything else
UNSIGNED = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
NUMBER = rf"[-+]?{UNSIGNED}"
CODE = r"(?P<terminology>[A-Za-z][\w.()-]{0,80})::(?P<code>[\w.-]+)\s*(?:\|(?P<text>[^|]+)\|?)?"
IS_NUMBER, IS_CODED = re.compile(rf"\s*{NUMBER}\s*"), re.compile(rf"\s*{CODE}\s*", re.DOTALL)
IS_ORDINAL = re.compile(rf"\s*(?P<value>[-+]?\d+)\s*\|\s*{CODE}\s*", re.DOTALL)
IS_PROPORTION = re.compile(rf"\s*({NUMBER}),({NUMBER}),([0-4])\s*")
IS_QUANTITY = re.compile(rf"\s*\(?(?P<magnitude>{NUMBER})\)?\s*,\s*(?P<unit>\S.*?)\s*")


@dataclass(frozen=True, slots=True)
class Coded:
    """DV_CODED_TEXT. Two are the same if terminology and code are; the words differ by language."""

    terminology: str
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ordinal:
    """DV_ORDINAL: a coded text with its place on a scale."""

    value: int
    symbol: Coded


@dataclass(frozen=True, slots=True)
class Quantity:
    """DV_QUANTITY. `unit` is text as the guideline writes it; `precision` None: not rounded when written."""

    magnitude: float
    unit: str = ""
    precision: int | None = None

    @property
    def is_time(self) -> bool:
        """Whether it is a span of time that can be added to a date."""
        return self.unit in TIME_UNITS


@dataclass(frozen=True, slots=True)
class Proportion:
    """DV_PROPORTION; `kind` as in the openEHR data types (0 ratio, 1 unitary, 2 percent, 3 fraction, 4 integer)."""

    numerator: float
    denominator: float
    kind: int


Value = float | str | bool | Coded | Ordinal | Quantity | Proportion | datetime | timedelta


def read(text: str) -> Value | None:
    """The value written in `text`; None for `null` and nothing. ValueError for a number too large to be one."""
    if len(text) > MAX_TEXT:
        return text.strip()
    for pattern, build in READERS:
        if found := pattern.fullmatch(text):
            return build(found)
    if reads_as_time(text):
        return time_from(text)
    stripped = text.strip()
    if stripped.lower() in ("true", "false"):
        return stripped.lower() == "true"
    return None if stripped in ("", "null") else stripped


def coded(found: re.Match[str]) -> Coded:
    """From a match of CODE."""
    return Coded(found["terminology"], found["code"], (found["text"] or "").strip())


def ordinal(found: re.Match[str]) -> Ordinal:
    """From a match of a number and CODE."""
    return Ordinal(int(found["value"]), coded(found))


def quantity(found: re.Match[str]) -> Quantity:
    """From a match of a magnitude and a unit; the decimals written are its precision."""
    return Quantity(finite(found["magnitude"]), found["unit"].strip(), decimals(found["magnitude"]))


def proportion(found: re.Match[str]) -> Proportion:
    """From a match of three numbers."""
    return Proportion(finite(found[1]), finite(found[2]), int(found[3]))


def finite(text: str) -> float:
    """The number in the text; ValueError for 1e999."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"found number {text.strip()[:40]!r}, expected one below 1e308")
    return number


def decimals(number: str) -> int:
    """How many digits stand after the point."""
    return len(number.strip().partition(".")[2])


def written(value: Value | None) -> str | None:
    """The value in GDL2's notation, as people read it in a report."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Quantity():
            return f"{number_text(value.magnitude, value.precision)}{value.unit and ','}{value.unit}"
        case Coded():
            return f"{value.terminology}::{value.code}|{value.text}|"
        case Ordinal():
            return f"{value.value}|{written(value.symbol)}"
        case Proportion():
            return f"{number_text(value.numerator)},{number_text(value.denominator)},{value.kind}"
        case int() | float():
            return number_text(value)
        case datetime():
            return value.isoformat()
    return str(value)


def number_text(number: float, precision: int | None = None) -> str:
    """A number without superfluous digits, or with exactly `precision` decimals."""
    if precision is not None:
        return f"{number:.{precision}f}"
    return str(int(number)) if number == int(number) else repr(float(number))


READERS = (
    (IS_NUMBER, lambda found: finite(found[0])),
    (IS_PROPORTION, proportion),
    (IS_QUANTITY, quantity),
    (IS_ORDINAL, ordinal),
    (IS_CODED, coded),
)
