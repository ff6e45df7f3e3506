"""Kidney function that follows from a diagnosis, where no result is at hand: CKD stage 5 means an eGFR below 15."""

from datetime import date
from functools import lru_cache

import msgspec

from cdss.rules.facts import Observation, Patient
from cdss.rules.language.conditions import Below
from cdss.rules.terms.table import own
from cdss.serving.emr.patient.kidney import latest

RECENT = 365  # days; as long a result of kidney function is used by the rules
EGFR, UNIT = "98979-8", "mL/min/{1.73_m2}"


def with_stage(patient: Patient, today: date) -> Patient:
    """The patient with an eGFR below what the worst stage diagnosed means; a result of the last year goes before it."""
    if latest(patient, "egfr", today, RECENT):
        return patient
    codes = [condition.code for condition in patient.conditions or () if condition.system == "ICD-10"]
    staged = [(limit, name) for code, limit, name in _stages() if any(known.startswith(code) for known in codes)]
    if not staged:
        return patient
    limit, name = min(staged)
    known = Observation(EGFR, Below(limit), UNIT, today, name)
    return msgspec.structs.replace(patient, observations=(*patient.observations, known))


@lru_cache(maxsize=1)
def _stages() -> tuple[tuple[str, float, str], ...]:
    rows = own("conditions/kidney_stages.csv", "icd10", "egfr_below", "en")
    return tuple((row["icd10"], float(row["egfr_below"]), row["en"]) for row in rows)
