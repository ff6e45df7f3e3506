"""What the equations ask of a resident: units, plausible ranges, and a number or an error, never a guess."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.plausible import YES_NO, Quantity, check

Numbers = NDArray[np.float64]

CHOLESTEROL = {"mg/dL": 0.02586}
QUANTITIES = {
    "age": Quantity("a", 18, 110),
    "sex": YES_NO,  # 0 male, 1 female
    "height_cm": Quantity("cm", 100, 230, {"m": 100}),
    "bmi": Quantity("kg/m2", 10, 80),
    "waist_cm": Quantity("cm", 40, 200, {"m": 100}),
    "sbp": Quantity("mm[Hg]", 60, 260, {"kPa": 7.50062}),
    "dbp": Quantity("mm[Hg]", 30, 160, {"kPa": 7.50062}),
    "tc_mmol": Quantity("mmol/L", 1, 15, CHOLESTEROL),
    "hdl_mmol": Quantity("mmol/L", 0.1, 5, CHOLESTEROL),
    "creatinine_umol": Quantity("umol/L", 15, 2000, {"mg/dL": 88.4}),
    "egfr": Quantity("mL/min/{1.73_m2}", 1, 200),
    "hba1c_pct": Quantity("%", 3, 20),
    "uacr_mg_g": Quantity("mg/g", 0.01, 30000),
    "smoking": YES_NO,
    "diabetes": YES_NO,
    "hypertension": YES_NO,
    "bp_medication": YES_NO,
    "statin": YES_NO,
    "family_diabetes": YES_NO,
    "cvd": YES_NO,
    "parents_with_hypertension": Quantity("1", 0, 2),
    "sdi_decile": Quantity("1", 1, 10),
}


def known(
    resident: Mapping[str, float | None], needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, float]:
    """The plausible values among `needed` and `optional`. NotApplicable names what is needed and missing."""
    given = {name: value for name in (*needed, *optional) if (value := resident.get(name)) is not None}
    missing = [name for name in needed if name not in given]
    if missing:
        raise NotApplicable("missing", Text(zh=f"缺少：{'、'.join(missing)}", en=f"missing: {', '.join(missing)}"))
    return {name: check(name, float(value), QUANTITIES[name]) for name, value in given.items()}


def within(name: str, value: float, low: float, high: float) -> None:
    """NotApplicable if a plausible value is outside what the equation was made for (bounds inclusive)."""
    if not low <= value <= high:
        unit = QUANTITIES[name].unit
        raise NotApplicable(
            "outside-domain",
            Text(
                zh=f"{name} {value:g} 超出公式适用范围 {low:g}-{high:g} {unit}",
                en=f"{name} {value:g} is outside the {low:g} to {high:g} {unit} the equation was made for",
            ),
        )


def columns(values: Mapping[str, float]) -> dict[str, Numbers]:
    """One resident as columns of length 1."""
    return {name: np.array([value]) for name, value in values.items()}
