"""A patient's chart as one row of the resident table."""

from typing import Any

from cdss.rules.context import elapsed
from cdss.rules.facts import Facts, Medication, Observation
from cdss.rules.observations import by_loinc
from cdss.rules.units import NotConvertible, UnknownUnit, convert
from cdss.serving.population.columns import COLUMNS

MEASURED = {  # measurement of rules/knowledge/observations -> column
    "height": "height_cm", "weight": "weight_kg", "bmi": "bmi", "waist": "waist_cm", "sbp": "sbp", "dbp": "dbp",
    "pulse": "pulse", "fasting_glucose": "fpg_mmol", "glucose": "glucose_random_mmol", "hba1c": "hba1c_pct",
    "total_cholesterol": "tc_mmol", "hdl": "hdl_mmol", "ldl": "ldl_mmol", "triglycerides": "tg_mmol", "alt": "alt",
    "creatinine": "creatinine_umol", "urate": "uric_acid_umol", "uacr": "uacr_mg_g",
}  # fmt: skip
DIAGNOSES = {  # ICD-10 categories
    "hypertension": ("I10", "I11", "I12", "I13", "I15"),
    "diabetes": ("E10", "E11", "E12", "E13", "E14"),
    "cvd": ("I20", "I21", "I22", "I23", "I24", "I25", "I60", "I61", "I63", "I64", "I69"),
}
ANTIHYPERTENSIVES = ("C02", "C03", "C07", "C08", "C09")  # ATC


def row(facts: Facts) -> dict[str, Any]:
    """The row; what the chart does not tell is left out, a list of conditions that was sent answers yes or no."""
    patient = facts.patient
    found: dict[str, Any] = {"id": patient.id or "1", "sex": patient.sex}
    if patient.birth_date:
        found["age"] = elapsed(patient.birth_date, facts.day, "a")
    for seen in sorted(patient.observations, key=lambda seen: seen.day or facts.day):
        found |= _measured(seen)  # the latest of each stays
    if patient.conditions is not None:
        codes = [condition.code for condition in patient.conditions if condition.system == "ICD-10"]
        found |= {name: any(code.startswith(of) for code in codes) for name, of in DIAGNOSES.items()}
    if patient.medications is not None:
        found["bp_medication"] = any(_lowers_pressure(taken) for taken in patient.medications)
    return found


def _measured(seen: Observation) -> dict[str, float]:
    known = by_loinc().get(seen.loinc)
    column = MEASURED.get(known.name, "") if known else ""
    if not column:
        return {}
    try:
        return {column: convert(seen.value, seen.unit, COLUMNS[column].unit, seen.loinc)}
    except (UnknownUnit, NotConvertible):
        return {}


def _lowers_pressure(taken: Medication) -> bool:
    return taken.drug.systemic and any(code.startswith(ANTIHYPERTENSIVES) for code in taken.drug.atc)
