"""What can be changed in a what-if: the controls, what was typed into them, and the row that follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cdss.models.resident import RESIDENT
from cdss.rules.alert import Text
from cdss.serving.platform.errors import BadInput
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.scoring.words import named

#          column         low   high  step   of the slider; the field itself takes all that is plausible
SLIDERS = {"weight_kg": (35, 150, 0.5), "waist_cm": (50, 150, 1), "sbp": (80, 220, 1), "dbp": (40, 130, 1),
           "fpg_mmol": (3, 20, 0.1), "hba1c_pct": (4, 14, 0.1)}  # fmt: skip
SWITCHES = ("smoking", "bp_medication")
ANSWERS = {"": None, "yes": True, "no": False}
Record = Mapping[str, float | bool]


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `value` is what the field holds; empty: not measured, or not told."""

    column: str
    kind: Literal["number", "switch"]
    name: Text
    unit: str
    value: str
    low: float = 0
    high: float = 0
    step: float = 1


def controls(record: Record, typed: Mapping[str, str] | None = None) -> list[Control]:
    """The controls, set to what is on record or to what was typed."""
    held = typed or {}
    numbers = [
        Control(column, "number", named(column), RESIDENT[column].unit.replace("mm[Hg]", "mmHg"),
                held.get(column, _field(record.get(column))), low, high, step)
        for column, (low, high, step) in SLIDERS.items()
    ]  # fmt: skip
    switches = [
        Control(column, "switch", named(column), "", held.get(column, _field(record.get(column))))
        for column in SWITCHES
    ]
    return numbers + switches


def _field(value: float | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{round(value, 2):g}"


def read(form: Mapping[str, Any]) -> dict[str, float | bool | None]:
    """What was typed, by column; None for what was left empty. BadInput says what a number may be."""
    found: dict[str, float | bool | None] = {column: _number(column, form) for column in SLIDERS if column in form}
    return found | {column: ANSWERS.get(str(form[column])) for column in SWITCHES if column in form}


def _number(column: str, form: Mapping[str, Any]) -> float | None:
    text, quantity = str(form[column]).strip(), RESIDENT[column]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if quantity.low <= value <= quantity.high:
        return value
    unit = quantity.unit.replace("mm[Hg]", "mmHg")
    low, high = f"{quantity.low:g}", f"{quantity.high:g} {unit}".strip()
    expected = Text(f"{quantity.zh}应为 {low} 至 {high}。", f"{quantity.en}: expected {low} to {high}")
    raise BadInput(expected, code="implausible")


def row(assessment: Assessment, changed: Mapping[str, float | bool | None], id: str, day: str) -> dict[str, Any]:
    """The row of the resident table as on record, with these columns changed, as if measured on this day.

    BMI follows the weight: from the height, or in proportion where only BMI was told. eGFR is computed anew.
    """
    record: dict[str, Any] = {name: value for name, value in assessment.record.items() if name != "egfr"}
    weight, before = changed.get("weight_kg"), record.get("weight_kg")
    if "weight_kg" in changed and weight != before and "bmi" in record:
        bmi = record.pop("bmi")
        if "height_cm" not in record and weight and before:
            record["bmi"] = bmi * weight / before
    told = {"id": id, "sex": assessment.sex, "last_visit": day}
    return {name: value for name, value in (record | told | dict(changed)).items() if value is not None}
