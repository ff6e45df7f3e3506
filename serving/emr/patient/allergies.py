"""Allergies that stand among the diagnoses: ICD-10 Z88, personal history of allergy to medicines."""

import msgspec

from cdss.rules.facts import Allergy, Patient
from cdss.rules.pack import Pack
from cdss.rules.terms.table import own


def with_diagnosed_allergies(patient: Patient, pack: Pack) -> Patient:
    """The patient with the allergies that diagnoses tell of; where no list was told, they are but a part of it.

    One to medicines not named (Z88.1, other antibiotics) is an allergy that maps to nothing, and is said to be one.
    """
    codes = {one.code[:5]: one.name for one in patient.conditions or () if one.system == "ICD-10"}
    found = [
        _as_diagnosed(allergy, row, codes[row["icd10"]])
        for row in own("conditions/allergies.csv", "icd10", "allergen", "zh")
        if row["icd10"] in codes
        for allergy in pack.formulary.allergies(text=row["allergen"])
    ]
    if not found:
        return patient
    partial = patient.partial | {"allergies"} if patient.allergies is None else patient.partial
    return msgspec.structs.replace(patient, allergies=(*(patient.allergies or ()), *found), partial=partial)


def _as_diagnosed(allergy: Allergy, row: dict[str, str], name: str) -> Allergy:
    return msgspec.structs.replace(allergy, text=f"{row['icd10']} {name or row['zh']}")
