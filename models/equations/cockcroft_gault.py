"""Cockcroft-Gault: creatinine clearance, the measure that drug labels dose by.

Cockcroft DW, Gault MH. Prediction of creatinine clearance from serum creatinine. Nephron 1976;16:31-41
(doi 10.1159/000180580). Adults, stable kidney function; women 0.85 of men. Actual body weight.
"""

from typing import Literal

UMOL_PER_MG_DL = 88.4


def creatinine_clearance(creatinine_umol: float, age: float, weight_kg: float, sex: Literal["male", "female"]) -> float:
    """mL/min, not indexed to body surface. The caller answers for the ranges."""
    clearance = (140 - age) * weight_kg / (72 * creatinine_umol / UMOL_PER_MG_DL)
    return clearance * (0.85 if sex == "female" else 1.0)
