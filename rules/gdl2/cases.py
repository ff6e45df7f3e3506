"""The test cases that come with guidelines, and whether an outcome is what a case expects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdss.rules.gdl2 import dates
from cdss.rules.gdl2.compute import compared, number
from cdss.rules.gdl2.values import Quantity, Value, decimals, read
from cdss.rules.language.yaml_text import YamlError, plain

Told = dict[str, list[Value]]


class CaseFault(ValueError):
    """The file does not hold test cases; says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One patient. `told` and `expected` by step, as `guidelines` are: a later one knows what earlier ones set.

    `expected`: element code -> its value as written.
    """

    id: str
    guidelines: Mapping[str, str]
    told: Mapping[str, Told]
    expected: Mapping[str, Mapping[str, str]]
    now: datetime | None


def cases_in(text: str) -> Iterator[Case]:
    """The cases in a YAML text. CaseFault if it is not one."""
    try:
        raw = plain(text)
        guidelines = {str(step): str(id) for step, id in raw["guidelines"].items()}
        now = _moment(raw.get("current_datetime"))
        for count, one in enumerate(raw["test_cases"] or (), 1):
            yield Case(
                str(one.get("id") or count),
                guidelines,
                {step: _told(values) for step, values in _steps(one, "input")},
                {step: _expected(values) for step, values in _steps(one, "expected_output")},
                _moment(one.get("current_datetime")) or now,
            )
    except YamlError as e:
        raise CaseFault(f"not YAML: {e}") from e
    except (KeyError, TypeError, AttributeError, ValueError) as e:
        raise CaseFault(f"not a file of test cases: {e!r}") from e


def _steps(raw: Mapping[str, Any], part: str) -> list[tuple[str, Any]]:
    found = raw.get(part) or {}
    return [(str(step), values or {}) for step, values in found.items()]


def _moment(text: str | None) -> datetime | None:
    return dates.time_from(text) if text else None


def _code(label: str) -> str:
    """`gt0005|Confusion?|` -> gt0005"""
    return label.partition("|")[0].strip().removeprefix("$")


def _told(values: Mapping[str, Any]) -> Told:
    found: Told = {}
    for label, written in values.items():
        several = [read(one) for one in (written if isinstance(written, list) else [written])]
        found[_code(label)] = [value for value in several if value is not None]
    return found


def _expected(values: Mapping[str, Any]) -> dict[str, str]:
    return {_code(label): str(written) for label, written in values.items()}


def agrees(expected: str, found: Value | None) -> bool:
    """Whether the value found is the one written in the case.

    Numbers agree if they are equal once rounded as the guideline asks, or to as many decimals as the case writes.
    """
    wanted = read(expected)
    if wanted is None or found is None:
        return wanted is found
    if isinstance(found, str):
        return _words(expected) == _words(found)
    if isinstance(found, Quantity) and isinstance(wanted, Quantity) and found.unit != wanted.unit:
        return False
    x, y = number(found), number(wanted)
    if isinstance(found, Quantity | float) and x is not None and y is not None:
        return _same_number(x, y, found.precision if isinstance(found, Quantity) else None, expected)
    return compared("==", found, wanted) is True


def _same_number(found: float, wanted: float, precision: int | None, written: str) -> bool:
    places = decimals(written.partition(",")[0])
    rounded = found if precision is None else round(found, precision)
    half = 0.5 * 10.0 ** -min(places, places if precision is None else precision) + 1e-9
    return abs(rounded - wanted) < 1e-9 or abs(found - wanted) <= half


def _words(text: str) -> str:
    return " ".join(text.split())
