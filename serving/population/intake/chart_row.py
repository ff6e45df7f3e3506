"""A patient's chart as one row of the resident table."""

from datetime import date
from typing import Any

from cdss.rules.asking.context import CLOCK_SKEW, elapsed
from cdss.rules.facts import Coded, Facts, Medication, Observation
from cdss.rules.language.conditions import PARTIAL
from cdss.rules.terms.diagnoses import by_name_only
from cdss.rules.terms.observations import by_loinc
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert
from cdss.serving.population.intake.columns import COLUMNS

MEASURED = {  # measurement of rules/knowledge/observations -> column
    "height": "height_cm", "weight": "weight_kg", "bmi": "bmi", "waist": "waist_cm", "sbp": "sbp", "dbp": "dbp",
    "pulse": "pulse", "fasting_glucose": "fpg_mmol", "glucose": "glucose_random_mmol", "hba1c": "hba1c_pct",
    "total_cholesterol": "tc_mmol", "hdl": "hdl_mmol", "ldl": "ldl_mmol", "triglycerides": "tg_mmol", "alt": "alt",
    "creatinine": "creatinine_umol", "urate": "uric_acid_umol", "uacr": "uacr_mg_g",
}  # fmt: skip
DIAGNOSES = {  # ICD-10 categories, and names of conditions that were sent without a code
    "hypertension": (("I10", "I11", "I12", "I13", "I15"), ("高血压", "hypertension")),
    "diabetes": (("E10", "E11", "E12", "E13", "E14"), ("糖尿病", "diabetes")),
    "cvd": (
        ("I20", "I21", "I22", "I23", "I24", "I25", "I60", "I61", "I63", "I64", "I69"),
        ("冠心病", "脑卒中", "心肌梗死", "coronary heart disease", "stroke", "myocardial infarction"),
    ),
}
TAKEN = {"bp_medication": ("C02", "C03", "C07", "C08", "C09"), "statin": ("C10AA", "C10BA", "C10BX")}  # ATC


def row(facts: Facts) -> dict[str, Any]:
    """The row; what the chart does not tell is left out. Only a list of coded conditions answers no."""
    patient = facts.patient
    found: dict[str, Any] = {"id": patient.id or "1", "sex": patient.sex}
    if patient.birth_date:
        found["age"] = elapsed(patient.birth_date, facts.day, "a")
    for seen in sorted(patient.observations, key=lambda seen: (seen.day or facts.day, seen.time)):
        if seen.day is None or seen.day <= facts.day + CLOCK_SKEW:
            found |= _measured(seen, facts.day)  # the latest of each stays
    if patient.conditions is not None:
        found |= _diagnosed(patient.conditions, patient.whole("conditions"))
    for name, codes in TAKEN.items():
        takes = any(_is_under(taken, codes) for taken in patient.medications or ())
        if takes or patient.whole("medications"):
            found[name] = takes
    if patient.whole("medications"):
        found |= _counted(patient.medications or ())
    if patient.pregnant is not None:
        found["pregnant"] = patient.pregnant
    return found


def _diagnosed(conditions: tuple[Coded, ...], whole: bool) -> dict[str, bool]:
    """Yes for what a code or a name says; no only if all conditions came, each with a code that says something else."""
    sure = whole and not any(by_name_only(condition) for condition in conditions)
    answers = {}
    for diagnosis, (codes, names) in DIAGNOSES.items():
        has = any(
            condition.name.strip().casefold() in names if by_name_only(condition) else condition.code.startswith(codes)
            for condition in conditions
        )
        if has or sure:
            answers[diagnosis] = has
    return answers


def _measured(seen: Observation, today: date) -> dict[str, float | str]:
    """The value in the column's unit, and its day."""
    known = by_loinc().get(seen.loinc)
    column = MEASURED.get(known.name, "") if known else ""
    if not column or type(seen.value) in PARTIAL:
        return {}
    try:
        value = convert(seen.value, seen.unit, COLUMNS[column].unit, seen.loinc)
    except (UnknownUnit, NotConvertible):
        return {}
    return {column: value, f"{column}_day": (seen.day or today).isoformat()}


def _counted(medications: tuple[Medication, ...]) -> dict[str, int]:
    """How many different medicines are taken, and how many substances that lower the pressure."""
    lowering = {
        code for taken in medications if taken.drug.systemic for code in taken.drug.atc
        if code.startswith(TAKEN["bp_medication"])
    }  # fmt: skip
    return {"medicines": len({taken.drug.text for taken in medications}), "antihypertensives": len(lowering)}


def _is_under(taken: Medication, codes: tuple[str, ...]) -> bool:
    return taken.drug.systemic and any(code.startswith(codes) for code in taken.drug.atc)
