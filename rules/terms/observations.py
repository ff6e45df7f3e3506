"""The measurements the rules know by name: their LOINC codes, unit and the widest values a living person can have."""

from functools import lru_cache

import msgspec

from cdss.rules.alert import Text
from cdss.rules.terms.table import own
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert


class Measurement(msgspec.Struct, frozen=True):
    """One kind of measurement. `low` and `high` are in `unit`; outside them a value is an error."""

    name: str
    loinc: tuple[str, ...]
    title: Text
    unit: str
    low: float
    high: float


@lru_cache(maxsize=1)
def measurements() -> dict[str, Measurement]:
    """All measurements by name."""
    return {
        row["name"]: Measurement(
            row["name"],
            tuple(row["loinc"].split("|")),
            Text(row["zh"], row["en"]),
            row["unit"],
            float(row["low"]),
            float(row["high"]),
        )
        for row in own("observations/observations.csv", "name", "loinc", "zh", "en", "unit", "low", "high")
    }


@lru_cache(maxsize=1)
def by_loinc() -> dict[str, Measurement]:
    """All measurements by each of their codes."""
    return {code: measurement for measurement in measurements().values() for code in measurement.loinc}


def fault(loinc: str, value: float, unit: str) -> Text | None:
    """Why a value cannot be right (its unit or its size), in words; None if it can, or if we do not know the code."""
    known = by_loinc().get(loinc)
    if known is None:
        return None
    try:
        converted = convert(value, unit, known.unit, loinc)
    except (UnknownUnit, NotConvertible):
        return Text(
            f"{known.title.zh} 的单位 {unit} 无法换算为 {known.unit}，该值未使用；请核对单位。",
            f"{known.title.en}: unit {unit} cannot be converted to {known.unit}; not used, check the unit",
        )
    if known.low <= converted <= known.high:
        return None
    span = f"{known.low:g}–{known.high:g} {known.unit}"
    return Text(
        f"{known.title.zh} {value:g} {unit} 超出可能范围 {span}，未使用；请核对数值与单位。",
        f"{known.title.en} {value:g} {unit} is outside {span}; not used, check the value and its unit",
    )
