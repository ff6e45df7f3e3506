"""The resident table (contract, section 7): its columns, their units, and what values a living person can have."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "truth", "sex", "day", "words"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Numbers have a UCUM unit and plausible limits in it; `loinc` says which observation it is."""

    kind: Kind
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    loinc: str = ""


def _number(unit: str, low: float, high: float, loinc: str = "") -> Column:
    return Column("number", unit, low, high, loinc)


COLUMNS: dict[str, Column] = {
    "id": Column("words"),
    "age": _number("a", 0, 120),
    "sex": Column("sex"),
    "height_cm": _number("cm", 40, 250, "8302-2"),
    "weight_kg": _number("kg", 2, 350, "29463-7"),
    "bmi": _number("kg/m2", 8, 90, "39156-5"),
    "waist_cm": _number("cm", 30, 220, "8280-0"),
    "sbp": _number("mm[Hg]", 50, 300, "8480-6"),
    "dbp": _number("mm[Hg]", 25, 200, "8462-4"),
    "pulse": _number("/min", 25, 250, "8867-4"),
    "smoking": Column("truth"),
    "hypertension": Column("truth"),
    "bp_medication": Column("truth"),
    "diabetes": Column("truth"),
    "cvd": Column("truth"),
    "family_diabetes": Column("truth"),
    "fpg_mmol": _number("mmol/L", 1, 60, "14771-0"),
    "hba1c_pct": _number("%", 2, 22, "4548-4"),
    "glucose_random_mmol": _number("mmol/L", 1, 70, "15074-8"),
    "tc_mmol": _number("mmol/L", 0.5, 30, "14647-2"),
    "hdl_mmol": _number("mmol/L", 0.1, 6, "14646-4"),
    "ldl_mmol": _number("mmol/L", 0.1, 25, "22748-8"),
    "tg_mmol": _number("mmol/L", 0.1, 80, "14927-8"),
    "alt": _number("U/L", 1, 5000, "1742-6"),
    "ggt": _number("U/L", 1, 5000, "2324-2"),
    "creatinine_umol": _number("umol/L", 10, 2500, "14682-9"),
    "uric_acid_umol": _number("umol/L", 30, 1800, "14933-6"),
    "uacr_mg_g": _number("mg/g", 0, 30000, "9318-7"),
    "last_visit": Column("day"),
    "village": Column("words"),
    "doctor": Column("words"),
}
REQUIRED = ("id", "age", "sex")
NUMBERS = tuple(name for name, column in COLUMNS.items() if column.kind == "number")
TRUTHS = tuple(name for name, column in COLUMNS.items() if column.kind == "truth")

TRUE = ("1", "1.0", "true", "yes", "y", "是", "有", "+")
FALSE = ("0", "0.0", "false", "no", "n", "否", "无", "-")
MALE = ("male", "m", "男", "男性", "1", "1.0")
FEMALE = ("female", "f", "女", "女性", "2", "2.0")
MISSING = ("", "na", "nan", "n/a", "null", "none", ".", "-9", "未测", "不详", "缺失")

# `fpg[mg/dL]` names the concept with its unit; these are the concepts whose column names end in a unit
CONCEPTS = {name.rsplit("_", 1)[0]: name for name in NUMBERS if "_" in name}
CONCEPTS |= {"height": "height_cm", "weight": "weight_kg", "waist": "waist_cm", "uacr": "uacr_mg_g"}
