"""Arithmetic and comparison of GDL2 values. None is "not known": it makes every result but `== null` unknown."""

import math
import operator
from collections.abc import Callable
from datetime import datetime, timedelta

from cdss.rules.gdl2.dates import TIME_UNITS, seconds_in, shifted
from cdss.rules.gdl2.values import IS_NUMBER, Coded, Ordinal, Proportion, Quantity, Value, number_text, written
from cdss.rules.language.conditions import Kleene
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert

MICRO = str.maketrans("µμ", "uu")  # two signs for micro, and UCUM's letter
MAX_JOINED = 10_000  # characters; no sentence of a guideline is longer
GROWING = ("ICD", "ATC")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": math.pow,
    "%": math.fmod, "//": operator.floordiv,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs, "ceil": math.ceil, "floor": math.floor, "exp": math.exp, "log": math.log, "log10": math.log10,
    "log1p": math.log1p, "sqrt": math.sqrt, "max": max, "min": min, "round": lambda x: math.floor(x + 0.5),
}  # fmt: skip


def number(value: Value | None) -> float | None:
    """The value as a number: a magnitude, a place on a scale, a date in milliseconds; None if it has none."""
    match value:
        case Quantity():
            return value.magnitude
        case Ordinal():
            return float(value.value)
        case Proportion():
            return value.numerator / value.denominator if value.denominator else None
        case datetime():
            return (value - EPOCH).total_seconds() * 1000
        case timedelta():
            return value.total_seconds() * 1000
        case str():
            return float(value.strip(" ()")) if IS_NUMBER.fullmatch(value.strip(" ()")) else None
        case bool() | Coded() | None:
            return None
    return float(value)


def calculated(function: Callable[..., float], *numbers: float | None) -> float | None:
    """What the function gives; None where a number is not known or the result is none (1/0, log 0)."""
    if any(x is None for x in numbers):
        return None
    try:
        found = function(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return float(found) if not isinstance(found, complex) and math.isfinite(found) else None


def arithmetic(sign: str, left: Value | None, right: Value | None) -> Value | None:
    """Numbers are calculated, texts joined, dates moved by spans of time."""
    if left is None or right is None:
        return None
    if isinstance(left, datetime) or isinstance(right, datetime):
        return _with_dates(sign, left, right)
    if isinstance(left, timedelta) and isinstance(right, Quantity) and sign == "/" and right.is_time:
        return calculated(operator.truediv, left.total_seconds(), seconds_in(right.magnitude, right.unit))
    if sign == "+" and _joins(left, right):
        joined = _as_text(left) + _as_text(right)
        return joined if len(joined) <= MAX_JOINED else None
    return calculated(ARITHMETIC[sign], number(left), number(right))


def _joins(left: Value, right: Value) -> bool:
    """A text that is no number makes a sum a longer text, and so do two texts."""
    texts = [isinstance(value, str | Coded) for value in (left, right)]
    return all(texts) or (any(texts) and (number(left) is None or number(right) is None))


def _as_text(value: Value) -> str:
    if isinstance(value, Coded):
        return value.text
    return value if isinstance(value, str) else str(written(value))


def _with_dates(sign: str, left: Value, right: Value) -> Value | None:
    if isinstance(left, datetime) and isinstance(right, datetime) and sign == "-":
        return left - right
    moment, span = (left, right) if isinstance(left, datetime) else (right, left)
    if isinstance(moment, datetime) and isinstance(span, Quantity) and span.is_time and sign in "+-":
        try:
            return shifted(moment, span.magnitude if sign == "+" else -span.magnitude, span.unit)
        except OverflowError:
            return None
    return calculated(ARITHMETIC[sign], number(left), number(right))


def compared(sign: str, left: Value | None, right: Value | None) -> Kleene:
    """How the comparison comes out; unknown where a side is not known or the units measure different things."""
    if left is None or right is None:
        return None
    if sign in ("==", "!="):
        equal = _equal(left, right)
        return equal if equal is None or sign == "==" else not equal
    pair = _comparable(left, right)
    return None if pair is None else COMPARISONS[sign](*pair)


def _equal(left: Value, right: Value) -> Kleene:
    match left, right:
        case (Ordinal(), Ordinal()):
            return left.value == right.value and _equal(left.symbol, right.symbol)
        case (Ordinal(symbol=symbol), Coded()) | (Coded(), Ordinal(symbol=symbol)):
            return _equal(symbol, right if isinstance(right, Coded) else left)
        case (Coded(), Coded()):
            return (left.terminology, left.code) == (right.terminology, right.code)
        case (Coded(), str()) | (str(), Coded()):
            return _as_text(left) == _as_text(right)
        case (bool(), _) | (_, bool()):
            return written(left) == str(written(right)).lower()
    if isinstance(left, str) and isinstance(right, str) and (number(left) is None or number(right) is None):
        return left.translate(MICRO) == right.translate(MICRO)
    pair = _comparable(left, right)
    return pair[0] == pair[1] if pair else (None if isinstance(left, Quantity) else False)


def _comparable(left: Value, right: Value) -> tuple[float, float] | None:
    """The two as numbers in one unit."""
    if isinstance(left, timedelta) and isinstance(right, Quantity) and right.is_time:
        return left.total_seconds(), seconds_in(right.magnitude, right.unit)
    x, y = number(left), number(right)
    if x is None or y is None:
        return None
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        converted = _in_unit(left, right.unit)
        return None if converted is None else (converted, y)
    return x, y


def _in_unit(quantity: Quantity, unit: str) -> float | None:
    """The magnitude in another unit; None if it measures something else, or the unit is not one we know."""
    if quantity.unit == unit or not (quantity.unit and unit):
        return quantity.magnitude
    if quantity.unit in TIME_UNITS and unit in TIME_UNITS:
        return seconds_in(quantity.magnitude, quantity.unit) / seconds_in(1, unit)
    try:
        return convert(quantity.magnitude, quantity.unit, unit)
    except (UnknownUnit, NotConvertible):
        return None


def is_a(value: Value | None, codes: frozenset[tuple[str, str]]) -> Kleene:
    """Whether a coded value is one of the codes, or below one where codes grow longer downwards (ICD, ATC)."""
    symbol = value.symbol if isinstance(value, Ordinal) else value
    if not isinstance(symbol, Coded):
        return None
    if (symbol.terminology, symbol.code) in codes:
        return True
    if not symbol.terminology.upper().startswith(GROWING):
        return False
    return any(symbol.terminology == terminology and symbol.code.startswith(code) for terminology, code in codes)


def shown(value: Value | None) -> str:
    """For a text people read."""
    return "" if value is None else number_text(value) if isinstance(value, float) else _as_text(value)
