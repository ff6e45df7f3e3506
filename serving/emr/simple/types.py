"""The simple order: plain JSON for hospital systems without FHIR (contract, section 5). JSON -> request."""

import datetime as dt
import re
from typing import Any

import msgspec

from cdss.rules.alert import Text
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.language import Lang, chosen


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A coded condition or indication."""

    system: str = ""
    code: str = ""
    name: str = ""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A medicine or an allergy, by any of its names; several that contradict each other are reported."""

    name: str | None = None
    atc: str | None = None
    nhsa: str | None = None
    rxnorm: str | None = None


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A result. Undated ones count as of today."""

    loinc: str
    value: float
    unit: str
    date: dt.date | None = None


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """An amount with its UCUM unit."""

    value: float
    unit: str


class Taken(Named, frozen=True, kw_only=True):
    """A medicine the patient takes already."""

    dose: Dose | None = None
    frequency: str | None = None
    route: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who the orders are for. What is not sent is unknown; an empty list says "none known"."""

    id: str | None = None
    birth_date: dt.date | None = None
    sex: str | None = None
    weight_kg: float | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    allergies: list[Named] | None = None
    conditions: list[Code] | None = None
    observations: list[Measured] = []
    medications: list[Taken] | None = None


class Prescription(msgspec.Struct, frozen=True, kw_only=True):
    """One order."""

    drug: Named
    id: str | None = None
    dose: Dose | None = None
    frequency: str | None = None
    route: str | None = None
    duration_days: float | None = None
    indication: Code | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of an earlier answer that the doctor goes on in spite of: its id, and why (a code or words)."""

    alert: str
    reason: str


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole question. `date` is the day whose rules apply, for replaying old orders; by default today.

    `encounter` is the visit it belongs to: within one, what was shown or overridden before is marked so.
    """

    patient: Person
    orders: list[Prescription]
    lang: str | None = None
    date: dt.date | None = None
    encounter: str | None = None
    overrides: list[Override] = []


def request(value: Any) -> OrderRequest:
    """The request in a JSON value. BadInput names the field by its JSON pointer."""
    try:
        return msgspec.convert(value, OrderRequest)
    except msgspec.ValidationError as e:
        raise invalid(str(e)) from e


def lang(request: OrderRequest, default: Lang) -> Lang:
    """The language a request asks for, else the default."""
    return chosen(request.lang, None, default)


PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
TYPES = {
    "str": "文本",
    "float": "数值",
    "int": "整数",
    "object": "对象",
    "array": "数组",
    "bool": "true/false",
    "null": "空",
}


def invalid(message: str) -> BadInput:
    """The BadInput for a validation message of msgspec, with its path as a JSON pointer."""
    match = PLACE.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    pointer = "".join("/" + (name or index) for name, index in STEP.findall(path))
    return BadInput(_said(what), code="invalid", pointer=pointer or "/")


def _said(what: str) -> Text:
    if "RFC3339" in what:
        return Text("不是日期；应写作 YYYY-MM-DD。", "found no date, expected YYYY-MM-DD")
    return Text(_chinese(what), what)


def _chinese(what: str) -> str:
    if found := re.fullmatch(r"Expected `(.+)`, got `(.+)`", what):
        return f"应为{_types(found[1])}，实际为{_types(found[2])}。"
    if found := re.fullmatch(r"Object missing required field `(.+)`", what):
        return f"缺少必填字段 {found[1]}。"
    return what


def _types(names: str) -> str:
    return " 或 ".join(TYPES.get(name.strip(), name.strip()) for name in names.split("|"))


def unknown_members(value: Any) -> list[str]:
    """JSON pointers of members the contract does not know: they were not read, and that is said."""
    return [pointer for pointer in _unread(value, OrderRequest, "") if pointer]


def _unread(value: Any, kind: type[msgspec.Struct], at: str) -> list[str]:
    known = {field.name: field.type for field in msgspec.structs.fields(kind)}
    found: list[str] = []
    for name, item in value.items():
        if name not in known:
            found.append(f"{at}/{name}")
        elif nested := _struct_in(known[name]):
            for index, part in enumerate(item if isinstance(item, list) else [item]):
                if isinstance(part, dict):
                    found += _unread(part, nested, f"{at}/{name}" + (f"/{index}" if isinstance(item, list) else ""))
    return found


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that a field's type holds, directly, in a list, or optionally."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    for argument in getattr(kind, "__args__", ()):
        if found := _struct_in(argument):
            return found
    return None
