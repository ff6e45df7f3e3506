"""Framingham risk of new hypertension within 1, 2 or 4 years.

Parikh NI, Pencina MJ, Wang TJ, et al. A risk score for predicting near-term incidence of hypertension: the Framingham
Heart Study. Ann Intern Med 2008;148:102-110. A Weibull model of the log of time; white Americans of 20 to 80 years.
"""

from collections.abc import Mapping
from math import exp, log

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.equations.resident import known, within

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
YEARS = (1, 2, 4)  # as published; the authors give no others
HAS_IT = Text(
    zh="已有高血压或血压≥140/90，无须预测",
    en="hypertension is known or the pressure is 140/90 or more; nothing to predict",
)


def risk(resident: Mapping[str, float | None], years: int = 4) -> float:
    """Probability of hypertension within `years` (1, 2 or 4) of someone who has none.

    Raises ImplausibleValue, NotApplicable (missing, outside-domain, known-disease), or KeyError for another horizon.
    """
    if years not in YEARS:
        raise KeyError(f"found {years} years; the score was published for {YEARS}")
    values = known(resident, tuple(COEFFICIENTS), ("hypertension", "bp_medication"))
    treated = values.get("hypertension") or values.get("bp_medication")
    if treated or values["sbp"] >= 140 or values["dbp"] >= 90:
        raise NotApplicable("known-disease", HAS_IT)
    within("age", values["age"], 20, 80)
    score = INTERCEPT + AGE_BY_DBP * values["age"] * values["dbp"]
    score += sum(coefficient * values[name] for name, coefficient in COEFFICIENTS.items())
    return 1 - exp(-exp((log(years) - score) / SCALE))
