"""The ICD-10 code whose rules apply to a condition that was told in another code system."""

import csv
from functools import lru_cache

from cdss.rules.facts import Coded
from cdss.rules.read import KNOWLEDGE


def in_icd10(condition: Coded) -> Coded:
    """The condition by its ICD-10 code where `knowledge/conditions` knows one; otherwise as it was told."""
    found = _snomed().get(condition.code) if condition.system == "SNOMED" else None
    return Coded("ICD-10", found, condition.name) if found else condition


def by_name_only(condition: Coded) -> bool:
    """Whether no ICD-10 code says what it is: rules then know it by its name, if at all."""
    return condition.system != "ICD-10" or not condition.code


@lru_cache(maxsize=1)
def _snomed() -> dict[str, str]:
    with (KNOWLEDGE / "conditions" / "snomed.csv").open(encoding="utf-8", newline="") as file:
        return {row["snomed"]: row["icd10"] for row in csv.DictReader(file)}
