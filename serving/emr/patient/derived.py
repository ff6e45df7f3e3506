"""The patient with what follows from what was sent."""

from datetime import date

import msgspec

from cdss.rules.facts import Patient
from cdss.rules.language.conditions import PARTIAL
from cdss.rules.terms.units import convert
from cdss.serving.emr.asked import Notes
from cdss.serving.emr.patient.kidney import latest, with_kidney_function
from cdss.serving.emr.patient.kidney_stage import with_stage

PREGNANCY = frozenset({"Z33", "Z34", "Z35", *(f"O{n:02}" for n in range(10, 49))})  # ICD-10, pregnancy ongoing
LACTATION = "Z39.1"  # ICD-10, care of the lactating mother
WEIGHING_DAYS = 365  # an older weighing is not used


def derived(patient: Patient, today: date, notes: Notes | None = None) -> Patient:
    """The patient with what follows from what was sent: weight from a weighing, pregnancy from a diagnosis, eGFR.

    A diagnosis wins over "not pregnant" where `notes` can say so: many systems send false unless someone asked.
    """
    return with_stage(with_kidney_function(_with_state(_with_weight(patient, today), notes), today), today)


def _with_weight(patient: Patient, today: date) -> Patient:
    weighed = latest(patient, "weight", today, WEIGHING_DAYS)
    if patient.weight_kg is not None or weighed is None or type(weighed.value) in PARTIAL:
        return patient
    return msgspec.structs.replace(patient, weight_kg=convert(weighed.value, weighed.unit, "kg"))


def _with_state(patient: Patient, notes: Notes | None) -> Patient:
    """Pregnant or breastfeeding where a diagnosis says so."""
    codes = [condition.code for condition in patient.conditions or () if condition.system == "ICD-10"]
    pregnant = [code for code in codes if code[:3] in PREGNANCY]
    nursing = [code for code in codes if code.startswith(LACTATION)]
    return msgspec.structs.replace(
        patient,
        pregnant=_worse(patient.pregnant, pregnant, "pregnant-by-diagnosis", notes),
        breastfeeding=_worse(patient.breastfeeding, nursing, "breastfeeding-by-diagnosis", notes),
    )


def _worse(told: bool | None, diagnoses: list[str], name: str, notes: Notes | None) -> bool | None:
    """What was told; True by a diagnosis where nothing was told, or where it was told to be false and that is said."""
    if diagnoses and told is False and notes:
        notes.add(name, found=diagnoses[0])
        return True
    return True if diagnoses and told is None else told
