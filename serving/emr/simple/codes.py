"""The codes of a simple order: a condition or an indication, however hospital systems fill in system and code."""

import re
from unicodedata import normalize

from cdss.rules.facts import Coded
from cdss.rules.terms.diagnoses import by_name_only, in_icd10
from cdss.serving.emr.fhir import codes
from cdss.serving.emr.simple import types as simple

ICD10_NAMES = ("", "icd-10", "icd10", "icd-10-cm", "icd10-cm", "icd10cm", "icd-10-cn", "icd10cn")
SNOMED_NAMES = ("snomed", "snomed ct", "snomed-ct")
SYSTEMS = dict.fromkeys((*ICD10_NAMES, *codes.ICD10), "ICD-10") | dict.fromkeys(
    (*SNOMED_NAMES, *codes.SNOMED), "SNOMED"
)
# A category and what follows, with or without the dot: WHO, Chinese extension (E11.900X001), ICD-10-CM (S72.001A)
ICD10 = re.compile(r"(?P<category>[A-Z]\d[0-9A-Z])(\.?(?P<rest>[0-9X]{1,4}[0-9A-Z]{0,4}))?[+*†]?")


def coded(code: simple.Code) -> Coded:
    """The condition; what is no ICD-10 code, though it was sent as one, is a name."""
    told = normalize("NFKC", code.system).strip().casefold()
    system, text = SYSTEMS.get(told, code.system), normalize("NFKC", code.code).strip().upper()
    if system != "ICD-10" or not text:
        return Coded(system, text, code.name)
    if found := ICD10.fullmatch(text):
        return Coded(system, ".".join(filter(None, found.group("category", "rest"))), code.name)
    return _named(code.name, code.code)


def _named(*names: str) -> Coded:
    """The condition by the first name that is known, else by the first that was told."""
    found = [Coded("", "", name) for name in names if name.strip()]
    return next((one for one in found if not by_name_only(in_icd10(one))), found[0])
