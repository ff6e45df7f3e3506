"""Pooled Cohort Equations of 2013: 10-year risk of a first heart attack or stroke. Kept for comparison with PREVENT.

Goff DC et al. Circulation 2014;129(suppl 2):S49-73; coefficients in `pce.yaml`. Made for non-Hispanic white and black
Americans of 40 to 79 years; for others the authors suggest the white equations, which overestimate in East Asians.
"""

from collections.abc import Mapping
from functools import cache
from math import exp, log
from pathlib import Path
from typing import cast

import yaml

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.equations.resident import known, within
from cdss.models.resident import CHOLESTEROL_MG_DL

NEEDED = ("age", "sex", "tc_mmol", "hdl_mmol", "sbp", "bp_medication", "smoking", "diabetes")
KNOWN_CVD = Text(
    zh="已有心血管疾病，本公式只用于首发", en="cardiovascular disease is known; the equations are for first events"
)


def risk(resident: Mapping[str, float | None], black: bool = False) -> float:
    """Probability within 10 years. `black`: use the equations made for black Americans.

    Raises ImplausibleValue, or NotApplicable (missing, outside-domain, known-disease).
    """
    values = known(resident, NEEDED, ("cvd",))
    if values.get("cvd"):
        raise NotApplicable("known-disease", KNOWN_CVD)
    within("age", values["age"], 40, 79)
    table = _coefficients()[f"{'black' if black else 'white'}_{'female' if values['sex'] else 'male'}"]
    terms = _terms(values)
    score = sum(coefficient * _product(name, terms) for name, coefficient in table.items() if name not in _CONSTANTS)
    return float(1 - table["baseline_survival"] ** exp(score - table["mean"]))


_CONSTANTS = ("baseline_survival", "mean")


def _terms(values: Mapping[str, float]) -> dict[str, float]:
    treated = values["bp_medication"]
    return {
        "ln_age": log(values["age"]),
        "ln_tc": log(values["tc_mmol"] / CHOLESTEROL_MG_DL),
        "ln_hdl": log(values["hdl_mmol"] / CHOLESTEROL_MG_DL),
        "ln_treated_sbp": treated * log(values["sbp"]),
        "ln_untreated_sbp": (1 - treated) * log(values["sbp"]),
        "smoking": values["smoking"],
        "diabetes": values["diabetes"],
    }


def _product(name: str, terms: Mapping[str, float]) -> float:
    first, _, second = name.partition("*")
    return terms[first] * (terms[second] if second else 1.0)


@cache
def _coefficients() -> dict[str, dict[str, float]]:
    text = (Path(__file__).parent / "pce.yaml").read_text(encoding="utf-8")
    return cast(dict[str, dict[str, float]], yaml.safe_load(text))
