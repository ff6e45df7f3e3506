"""Framingham risk of new hypertension within 1, 2 or 4 years.

Parikh NI, Pencina MJ, Wang TJ, et al. A risk score for predicting near-term incidence of hypertension: the Framingham
Heart Study. Ann Intern Med 2008;148:102-110. A Weibull model of the log of time; white Americans of 20 to 80 years.
"""

from collections.abc import Mapping

import numpy as np

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.equations.resident import Numbers, columns, inside, known, known_table, within

INTERCEPT = 22.949536
COEFFICIENTS = {
    "age": -0.156412,
    "sex": -0.202933,  # female
    "bmi": -0.033881,
    "sbp": -0.05933,
    "dbp": -0.128468,
    "smoking": -0.190731,
    "parents_with_hypertension": -0.166121,  # none, one or both
}
AGE_BY_DBP = 0.001624
SCALE = 0.876925
OPTIONAL = ("hypertension", "bp_medication")
YEARS = (1, 2, 4)  # as published; the authors give no others
AGES = (20, 80)
SBP, DBP = 140, 90  # mm[Hg], hypertension as the authors define it
HAS_IT = Text(
    zh="已有高血压或血压≥140/90，无须预测",
    en="hypertension is known or the pressure is 140/90 or more; nothing to predict",
)


def risk(resident: Mapping[str, float | None], years: int = 4) -> float:
    """Probability of hypertension within `years` (1, 2 or 4) of someone who has none.

    Raises ImplausibleValue, NotApplicable (missing, outside-domain, known-disease), or KeyError for another horizon.
    """
    _published(years)
    values = known(resident, tuple(COEFFICIENTS), OPTIONAL)
    treated = values.get("hypertension") or values.get("bp_medication")
    if treated or values["sbp"] >= SBP or values["dbp"] >= DBP:
        raise NotApplicable("known-disease", HAS_IT)
    within("age", values["age"], *AGES)
    return float(_probability(columns(values), years)[0])


def risk_table(values: Mapping[str, Numbers], years: int = 4) -> Numbers:
    """As `risk` for columns (n,): (n,), nan where `risk` would raise. No row raises; KeyError for another horizon."""
    _published(years)
    given, usable = known_table(values, tuple(COEFFICIENTS), OPTIONAL)
    usable &= (given["hypertension"] != 1) & (given["bp_medication"] != 1)
    usable &= (given["sbp"] < SBP) & (given["dbp"] < DBP) & inside(given["age"], *AGES)
    found = np.full(len(usable), np.nan)
    found[usable] = _probability({name: column[usable] for name, column in given.items()}, years)
    return found


def _probability(values: Mapping[str, Numbers], years: int) -> Numbers:
    """(n,); nothing missing, ranges are not checked here."""
    score = INTERCEPT + AGE_BY_DBP * values["age"] * values["dbp"]
    for name, coefficient in COEFFICIENTS.items():
        score = score + coefficient * values[name]
    probability: Numbers = -np.expm1(-np.exp((np.log(years) - score) / SCALE))
    return probability


def _published(years: int) -> None:
    if years not in YEARS:
        raise KeyError(f"found {years} years; the score was published for {YEARS}")
