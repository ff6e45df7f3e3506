"""Measurements in the words of a doctor."""

from cdss.models.resident import RESIDENT
from cdss.rules.alert import Text

MALE, FEMALE = Text("男性", "male"), Text("女性", "female")
UNITS = {"1": "", "a": "", "mm[Hg]": "mmHg"}


def shown(feature: str, value: float | None) -> Text:
    """A measurement with its value and unit: 体重指数 31 kg/m2."""
    quantity = RESIDENT[feature]
    if feature == "sex" and value is not None:
        return FEMALE if value else MALE
    if value is None:
        return Text(f"{quantity.zh}未知", f"{quantity.en} unknown")
    if quantity.yes_no:
        return Text(f"{quantity.zh}：{'是' if value else '否'}", f"{quantity.en}: {'yes' if value else 'no'}")
    unit = UNITS.get(quantity.unit, quantity.unit)
    number = rounded(value)
    return Text(f"{quantity.zh} {number} {unit}".strip(), f"{quantity.en} {number} {unit}".strip())


def rounded(value: float) -> str:
    """As a report prints it: 31, 6.6, 0.54, 124: two decimals below 1, one below 100, none above."""
    digits = 2 if abs(value) < 1 else 1 if abs(value) < 100 else 0
    return f"{round(value, digits):g}"


def named(feature: str) -> Text:
    """The name of a measurement."""
    quantity = RESIDENT[feature]
    return Text(quantity.zh, quantity.en)
