"""The resident table (contract, section 7): its columns, their kinds, and which observation each number is.

Units and plausible ranges are those of `cdss.models.resident.RESIDENT`, the same for every risk model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cdss.models.resident import RESIDENT

Kind = Literal["number", "truth", "sex", "day", "words"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Numbers have a UCUM unit and plausible limits in it; `loinc` says which observation it is.

    `other`: factors from other usual units, to name the likely cause of a value outside the limits. Words have at most
    `most` characters.
    """

    kind: Kind
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    loinc: str = ""
    other: Mapping[str, float] = field(default_factory=dict)
    most: int = 0


def _number(name: str, loinc: str = "") -> Column:
    """A number of the resident table's own range."""
    quantity = RESIDENT[name]
    return Column("number", quantity.unit, quantity.low, quantity.high, loinc, quantity.other)


LOINC = {
    "age": "", "height_cm": "8302-2", "weight_kg": "29463-7", "bmi": "39156-5", "waist_cm": "8280-0", "sbp": "8480-6",
    "dbp": "8462-4", "pulse": "8867-4", "fpg_mmol": "14771-0", "hba1c_pct": "4548-4", "glucose_random_mmol": "15074-8",
    "tc_mmol": "14647-2", "hdl_mmol": "14646-4", "ldl_mmol": "22748-8", "tg_mmol": "14927-8", "alt": "1742-6",
    "ggt": "2324-2", "creatinine_umol": "14682-9", "uric_acid_umol": "14933-6", "bun_mmol": "22664-7",
    "uacr_mg_g": "9318-7",
}  # fmt: skip
COUNTS = ("antihypertensives", "medicines", "parents_with_hypertension")  # told, not measured
PREVIOUS = {"sbp_previous": "sbp", "dbp_previous": "dbp", "fpg_previous_mmol": "fpg_mmol"}  # at the visit before
NUMBERS = tuple(LOINC)
DAYS = {f"{name}_day": name for name, loinc in LOINC.items() if loinc}  # of one measurement, if not the last visit's
TRUTHS = (
    "smoking", "hypertension", "bp_medication", "statin", "diabetes", "cvd", "family_diabetes", "pregnant", "opt_out",
)  # fmt: skip
COLUMNS: dict[str, Column] = {
    "id": Column("words", most=64),
    "sex": Column("sex"),
    **{name: _number(name, loinc) for name, loinc in LOINC.items()},
    **{name: _number(name) for name in COUNTS},
    **{name: _number(quantity) for name, quantity in PREVIOUS.items()},
    **{name: Column("truth") for name in TRUTHS},
    "last_visit": Column("day"),
    "previous_visit": Column("day"),
    **{name: Column("day") for name in DAYS},
    "village": Column("words", most=128),
    "doctor": Column("words", most=128),
}
NEEDED = ("age", "sex")  # by every model
REQUIRED = ("id", *NEEDED)

TRUE = ("1", "1.0", "true", "yes", "y", "是", "有", "+")
FALSE = ("0", "0.0", "false", "no", "n", "否", "无", "-")
MALE = ("male", "m", "男", "男性", "1", "1.0")
FEMALE = ("female", "f", "女", "女性", "2", "2.0")
MISSING = ("", "na", "nan", "n/a", "null", "none", ".", "-9", "未测", "不详", "缺失")

# `fpg[mg/dL]` names the concept with its unit; these are the concepts whose column names end in a unit
CONCEPTS = {name.rsplit("_", 1)[0]: name for name in NUMBERS if "_" in name}
CONCEPTS |= {
    "fpg_previous": "fpg_previous_mmol",
    "height": "height_cm",
    "weight": "weight_kg",
    "waist": "waist_cm",
    "uacr": "uacr_mg_g",
}
