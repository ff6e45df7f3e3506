"""Numbers a site may choose within bounds, such as its blood pressure line: what they are by default, and as chosen."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from cdss.rules.alert import Text
from cdss.rules.terms.table import TableError, rows
from cdss.rules.terms.units import canonical

TABLE = "settings.csv"
COLUMNS = ("name", "value", "unit", "low", "high", "zh", "en", "source")


class SettingError(ValueError):
    """A site's setting cannot be used; says which and what is allowed."""


class Setting(msgspec.Struct, frozen=True):
    """One number with its UCUM unit, its default and the bounds (both allowed) a site may choose within."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    words: Text
    source: str


Settings = Mapping[str, Setting]


def settings_in(folder: Path) -> Settings:
    """The settings of a knowledge folder by name; none if it has no table. TableError names the line."""
    path = folder / TABLE
    if not path.is_file():
        return {}
    found: dict[str, Setting] = {}
    for line, row in rows(path, COLUMNS):
        try:
            value, low, high = (float(row[name]) for name in ("value", "low", "high"))
            canonical(row["unit"])
        except ValueError as e:
            raise TableError(f"{path}:{line}: {e}") from e
        if row["name"] in found or not low <= value <= high:
            raise TableError(f"{path}:{line}: found {row['name']!r} = {value:g}, expected a new name and low to high")
        words = Text(row["zh"], row["en"])
        found[row["name"]] = Setting(row["name"], value, row["unit"], low, high, words, row["source"])
    return found


def chosen(defaults: Settings, wanted: Mapping[str, float]) -> Settings:
    """The settings with a site's own values. SettingError for an unknown name or a value out of bounds."""
    if unknown := sorted(wanted.keys() - defaults.keys()):
        raise SettingError(f"found setting {', '.join(unknown)}, expected one of {', '.join(sorted(defaults))}")
    for name, value in wanted.items():
        setting = defaults[name]
        if not setting.low <= value <= setting.high:
            raise SettingError(
                f"found {name} = {value:g}, expected {setting.low:g} to {setting.high:g} {setting.unit}".rstrip()
            )
    return {
        name: msgspec.structs.replace(setting, value=wanted.get(name, setting.value))
        for name, setting in defaults.items()
    }
