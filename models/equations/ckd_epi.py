"""CKD-EPI 2021: glomerular filtration from creatinine, without race.

Inker LA, Eneanya ND, Coresh J, et al. New creatinine- and cystatin C-based equations to estimate GFR without race.
N Engl J Med 2021;385:1737-49 (doi 10.1056/NEJMoa2102953). Creatinine must be IDMS-traceable; adults (18 years or more).
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from cdss.models.equations.resident import Numbers, columns, known

UMOL_PER_MG_DL = 88.4


def ckd_epi_2021(creatinine_umol: float, age: float, sex: Literal["male", "female"]) -> float:
    """mL/min/1.73 m2. The caller answers for the ranges; see `egfr` for a resident's row."""
    row = {"creatinine_umol": creatinine_umol, "age": age, "sex": float(sex == "female")}
    return float(egfr_table(columns(row))[0])


def egfr(resident: Mapping[str, float | None]) -> float:
    """mL/min/1.73 m2 from age, sex and creatinine_umol. Raises ImplausibleValue or NotApplicable (missing)."""
    return float(egfr_table(columns(known(resident, ("age", "sex", "creatinine_umol"))))[0])


def egfr_table(values: Mapping[str, Numbers]) -> Numbers:
    """As `egfr` for columns (n,), nan where one is nan; ranges are not checked."""
    female = values["sex"] == 1
    kappa, alpha = np.where(female, 0.7, 0.9), np.where(female, -0.241, -0.302)
    ratio = values["creatinine_umol"] / UMOL_PER_MG_DL / kappa
    low, high = np.minimum(ratio, 1), np.maximum(ratio, 1)
    result: Numbers = 142 * low**alpha * high**-1.2 * 0.9938 ** values["age"] * np.where(female, 1.012, 1.0)
    return np.where(np.isnan(values["sex"]), np.nan, result)
