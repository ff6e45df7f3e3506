"""Which columns of a file are ours, how they convert, and what the others may have been meant to be."""

import difflib
import re

from cdss.models.resident import RESIDENT
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert
from cdss.serving.population.intake.cells import Source
from cdss.serving.population.intake.columns import COLUMNS, CONCEPTS
from cdss.serving.population.intake.faults import TableError

HEADER = re.compile(r"(?P<name>[^\[\]]+)\[(?P<unit>[^\[\]]+(?:\[[^\[\]]+\])?)\]")
CHINESE = {quantity.zh: name for name, quantity in RESIDENT.items() if name in COLUMNS} | {
    "编号": "id", "性别": "sex", "末次随访": "last_visit", "前次随访": "previous_visit",
    "村": "village", "医生": "doctor",
}  # fmt: skip
ALIKE = 0.75  # how like a known name an unread one must be to be asked about


def sources_of(headers: list[str]) -> tuple[Source, ...]:
    """Which columns are ours, and how they convert. TableError for a unit we do not know, or a column given twice."""
    found: dict[str, Source] = {}
    for header in headers:
        source = _source(header)
        if source and source.name in found:
            raise TableError(f"found {source.name} twice, as {found[source.name].header!r} and {header!r}; keep one")
        if source:
            found[source.name] = source
    return tuple(found.values())


def meant(header: str) -> str:
    """The header with the column it was perhaps meant to be."""
    plain = _plain(header).split("[")[0]
    near = difflib.get_close_matches(plain, [*COLUMNS, *CONCEPTS, *CHINESE], 1, ALIKE)
    return f"{header} (did you mean {near[0]}?)" if near else header


def _plain(header: str) -> str:
    return header.strip().lstrip("\ufeff").casefold()


def _source(header: str) -> Source | None:
    plain = header.strip().lstrip("\ufeff")
    match = HEADER.fullmatch(plain)
    name = _named(match["name"] if match else plain)
    if match is None:
        return Source(header, name, 1.0) if name in COLUMNS else None
    name = name if name in COLUMNS else CONCEPTS.get(name, "")
    if not name:
        return None
    column = COLUMNS[name]
    try:
        factor = convert(1.0, match["unit"], column.unit, column.loinc)
    except (UnknownUnit, NotConvertible) as e:
        raise TableError(f"column {header!r}: {e}") from e
    return Source(header, name, factor)


def _named(text: str) -> str:
    """Our name of a column, where it was named in Chinese."""
    name = text.strip().casefold()
    return CHINESE.get(name, name)
