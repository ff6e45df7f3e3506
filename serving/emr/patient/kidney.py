"""Kidney function that follows from a creatinine: computed where nobody reported it, and named as computed."""

from datetime import date
from typing import Literal

import msgspec

from cdss.models.equations.ckd_epi import ckd_epi_2021
from cdss.models.equations.cockcroft_gault import creatinine_clearance
from cdss.rules.asking.context import Context, elapsed
from cdss.rules.facts import Facts, Observation, Patient
from cdss.rules.language.conditions import PARTIAL
from cdss.rules.terms.observations import measurements
from cdss.rules.terms.units import convert

ADULT = 18  # years; both equations were made for adults


def with_kidney_function(patient: Patient, today: date) -> Patient:
    """The patient with eGFR (CKD-EPI 2021) and creatinine clearance (Cockcroft-Gault), as far as they can be computed.

    Each only where creatinine, age and sex (and weight for the clearance) are known and none as recent was reported.
    """
    creatinine = latest(patient, "creatinine", today)
    if creatinine is None or type(creatinine.value) in PARTIAL or patient.birth_date is None or patient.sex is None:
        return patient
    age = elapsed(patient.birth_date, creatinine.day or today, "a")
    if age < ADULT:
        return patient
    found = [o for o in _computed(patient, creatinine, age, patient.sex) if not _reported(patient, o, today)]
    return msgspec.structs.replace(patient, observations=(*patient.observations, *found)) if found else patient


def latest(patient: Patient, measurement: str, today: date, max_age_days: int | None = None) -> Observation | None:
    """The latest result of a measurement of observations.csv, as the rules find it: none of the future."""
    return Context(Facts(patient, (), today)).latest(measurements()[measurement].loinc, max_age_days)


def _computed(
    patient: Patient, creatinine: Observation, age: float, sex: Literal["male", "female"]
) -> list[Observation]:
    micromol = convert(creatinine.value, creatinine.unit, "umol/L", creatinine.loinc)
    egfr = round(ckd_epi_2021(micromol, age, sex), 1)
    day, time = creatinine.day, creatinine.time
    found = [Observation("98979-8", egfr, "mL/min/{1.73_m2}", day, "CKD-EPI 2021", time)]
    if patient.weight_kg is not None:
        clearance = round(creatinine_clearance(micromol, age, patient.weight_kg, sex), 1)
        found.append(Observation("35591-7", clearance, "mL/min", day, "Cockcroft-Gault", time))
    return found


def _reported(patient: Patient, computed: Observation, today: date) -> bool:
    """Whether a result as recent as the creatinine was reported under the same measurement."""
    measurement = "egfr" if computed.loinc == "98979-8" else "creatinine_clearance"
    reported = latest(patient, measurement, today)
    if reported is None:
        return False
    days = (reported.day or today, computed.day or today)
    earlier = bool(reported.time and computed.time) and reported.time < computed.time
    return days[0] > days[1] or (days[0] == days[1] and not earlier)
