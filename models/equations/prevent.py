"""AHA PREVENT: 10- and 30-year risk of cardiovascular disease in adults without it.

Khan SS, Matsushita K, Sang Y, et al. Development and validation of the American Heart Association's PREVENT equations.
Circulation 2024;149:430-449 (doi 10.1161/CIRCULATIONAHA.123.067626); its supplemental tables are `prevent.csv`.
Cholesterol of 1 mg/dL is 0.02586 mmol/L, as the authors convert it. Made in the United States; not validated for China.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.equations.resident import Numbers, columns, inside, known, known_table, within

OUTCOMES = ("total_cvd", "ascvd", "heart_failure", "chd", "stroke")
MODELS = ("base", "hba1c", "uacr", "sdi", "full")
YEARS = (10, 30)

NEEDED = ("age", "sex", "tc_mmol", "hdl_mmol", "sbp", "bmi", "egfr", "diabetes", "smoking", "bp_medication", "statin")
OPTIONAL = ("hba1c_pct", "uacr_mg_g", "sdi_decile", "cvd")
DOMAIN = {  # what the published calculator accepts; cholesterol there is 130-320 and 20-100 mg/dL
    "tc_mmol": (3.36, 8.28),
    "hdl_mmol": (0.51, 2.59),
    "sbp": (90, 200),
    "bmi": (18.5, 39.99),
    "egfr": (15, 150),
    "hba1c_pct": (3, 15),
    "uacr_mg_g": (0.1, 25000),
}
OLDEST = {10: 79, 30: 59}  # 30 years on from 59 is as far as the data go

KNOWN_CVD = Text(
    zh="已有心血管疾病，PREVENT 只用于尚无心血管疾病者",
    en="cardiovascular disease is known; PREVENT is for people without it",
)


def risk(resident: Mapping[str, float | None], years: int = 10, model: str | None = None) -> dict[str, float]:
    """Probability of each outcome within `years` (10 or 30). `model`: one of MODELS, by default the richest known.

    Raises ImplausibleValue, or NotApplicable (missing, outside-domain, known-disease).
    """
    values = known(resident, NEEDED, OPTIONAL)
    if values.get("cvd"):
        raise NotApplicable("known-disease", KNOWN_CVD)
    within("age", values["age"], 30, OLDEST[years])
    for name, (low, high) in DOMAIN.items():
        if name in values:
            within(name, values[name], low, high)
    table = _probabilities(columns(values), years, model or _richest(values))
    return {outcome: float(p[0]) for outcome, p in table.items()}


def risk_table(
    values: Mapping[str, Numbers], years: int = 10, model: str | None = None, outcome: str = "total_cvd"
) -> Numbers:
    """As `risk` for columns (n,) and one outcome: (n,), nan where `risk` would raise. No row raises.

    Without `model`, each row by the richest of what is known of it.
    """
    given, usable = known_table(values, NEEDED, OPTIONAL)
    usable &= (given["cvd"] != 1) & inside(given["age"], 30, OLDEST[years])
    for name, (low, high) in DOMAIN.items():
        usable &= inside(given[name], low, high)
    richest = np.full(len(usable), MODELS.index(model)) if model else _richest_table(given)
    found = np.full(len(usable), np.nan)
    for number in np.unique(richest[usable]):
        rows = usable & (richest == number)
        some = {name: column[rows] for name, column in given.items()}
        found[rows] = _probabilities(some, years, MODELS[number], (outcome,))[outcome]
    return found


def _probabilities(
    values: Mapping[str, Numbers], years: int, model: str, outcomes: Sequence[str] = OUTCOMES
) -> dict[str, Numbers]:
    """(n,) by outcome, nan where a needed value is nan. Ranges are not checked here."""
    terms, coefficients = _terms(values), _coefficients(model, years)
    female = values["sex"] == 1
    score = {
        outcome: np.where(
            female, _sum(coefficients[f"female_{outcome}"], terms), _sum(coefficients[f"male_{outcome}"], terms)
        )
        for outcome in outcomes
    }
    return {outcome: 1 / (1 + np.exp(-value)) for outcome, value in score.items()}


def _richest(values: Mapping[str, float]) -> str:
    known_extras = {"hba1c_pct", "uacr_mg_g", "sdi_decile"} & values.keys()
    if len(known_extras) > 1:
        return "full"
    return {"hba1c_pct": "hba1c", "uacr_mg_g": "uacr", "sdi_decile": "sdi"}.get(next(iter(known_extras), ""), "base")


def _richest_table(values: Mapping[str, Numbers]) -> NDArray[np.int64]:
    """(n,) index into MODELS, as `_richest`."""
    extras = np.column_stack([~np.isnan(values[name]) for name in ("hba1c_pct", "uacr_mg_g", "sdi_decile")])
    one = np.argmax(extras, axis=1) + MODELS.index("hba1c")
    return np.select([extras.sum(axis=1) == 0, extras.sum(axis=1) == 1], [0, one], MODELS.index("full"))


def _terms(values: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The centred terms of the supplement: age from 55 by 10, SBP from 130 by 20, HbA1c from 5.3 ..."""
    nothing = np.full(len(values["age"]), np.nan)
    hba1c, uacr, sdi = (values.get(name, nothing) for name in ("hba1c_pct", "uacr_mg_g", "sdi_decile"))
    sbp, bmi, egfr = values["sbp"], values["bmi"], values["egfr"]
    age = (values["age"] - 55) / 10
    return {
        "age": age,
        "age_squared": age**2,
        "non_hdl": values["tc_mmol"] - values["hdl_mmol"] - 3.5,
        "hdl": (values["hdl_mmol"] - 1.3) / 0.3,
        "sbp_below_110": (np.minimum(sbp, 110) - 110) / 20,
        "sbp_from_110": (np.maximum(sbp, 110) - 130) / 20,
        "bmi_below_30": (np.minimum(bmi, 30) - 25) / 5,
        "bmi_from_30": (np.maximum(bmi, 30) - 30) / 5,
        "egfr_below_60": (np.minimum(egfr, 60) - 60) / -15,
        "egfr_from_60": (np.maximum(egfr, 60) - 90) / -15,
        **{name: values[name] for name in ("diabetes", "smoking", "bp_medication", "statin")},
        "no_diabetes": 1 - values["diabetes"],
        **_or_missing("hba1c", hba1c, lambda x: x - 5.3),
        **_or_missing("ln_uacr", uacr, np.log, "uacr_missing"),
        "sdi_4_to_6": ((sdi >= 4) & (sdi <= 6)).astype(float),
        "sdi_7_to_10": (sdi >= 7).astype(float),
        "sdi_missing": np.isnan(sdi).astype(float),
        "constant": np.ones_like(age),
    }


def _or_missing(
    name: str, value: Numbers, term: Callable[[Numbers], Numbers], flag: str | None = None
) -> dict[str, Numbers]:
    """An optional predictor and its indicator: where it is missing the term is 0 and the indicator 1."""
    missing = np.isnan(value)
    filled = np.where(missing, 1.0, value)
    return {name: np.where(missing, 0.0, term(filled)), flag or f"{name}_missing": missing.astype(float)}


def _sum(coefficients: Mapping[str, float], terms: Mapping[str, Numbers]) -> Numbers:
    """Sum of coefficient times term; `a*b` is the product of two terms."""
    total = np.zeros_like(terms["age"])
    for name, coefficient in coefficients.items():
        first, _, second = name.partition("*")
        total = total + coefficient * terms[first] * (terms[second] if second else 1.0)
    return total


@cache
def _coefficients(model: str, years: int) -> dict[str, dict[str, float]]:
    """Sex and outcome -> term -> coefficient. KeyError for a model or horizon that was not published."""
    with (Path(__file__).parent / "prevent.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == model and row["years"] == str(years)]
    if not rows:
        raise KeyError(f"found PREVENT model {model!r} over {years} years; expected one of {MODELS} over {YEARS}")
    kinds = [f"{sex}_{outcome}" for sex in ("female", "male") for outcome in OUTCOMES]
    return {kind: {row["term"]: float(row[kind]) for row in rows} for kind in kinds}
