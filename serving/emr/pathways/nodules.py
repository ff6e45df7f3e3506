"""Lung nodules that a chart's diagnoses describe in words: `右上肺实性结节 8mm`, `solid lung nodule, 6 x 4 mm`."""

import re
from collections.abc import Iterator

import msgspec

from cdss.rules.facts import Facts, Given
from cdss.serving.emr.lexicon import Lexicon

WORDS = Lexicon("pathway/words/nodules.csv")
SIZE = re.compile(
    r"(\d{1,2}(?:\.\d)?)(?:\s*(?:mm|cm)?\s*[x×*]\s*(\d{1,2}(?:\.\d)?))?\s*(mm|毫米|cm|厘米)", re.IGNORECASE
)
CENTIMETRES = frozenset({"cm", "厘米"})
DENSITIES = ("part-solid", "ground-glass", "solid")
EXCLUDED = ("C", "B20", "B21", "B22", "B23", "B24", "D80", "D81", "D82", "D83", "D84", "Z94")  # ICD-10
EMPHYSEMA = "J43"


def nodules(facts: Facts) -> Iterator[Facts]:
    """For each diagnosis that describes a nodule with its size, the facts to ask the rules about findings with."""
    for condition in facts.patient.conditions or ():
        names = set(WORDS.names(condition.name))
        diameter = average_mm(condition.name)
        if {"lung", "nodule"} <= names and diameter is not None:
            given = _described(names, diameter) | _person(facts, names)
            yield msgspec.structs.replace(facts, event="finding", given=given)


def average_mm(text: str) -> float | None:
    """The average of the axes written in a text, in mm; None if no size is."""
    match = SIZE.search(text)
    if match is None:
        return None
    long, short = float(match[1]), float(match[2] or match[1])
    factor = 10.0 if match[3].casefold() in CENTIMETRES else 1.0
    return round(factor * (long + short) / 2, 1)


def _described(names: set[str], diameter: float) -> dict[str, Given]:
    density = next((name for name in DENSITIES if name in names), None)
    given = {
        "finding_kind": Given("lung_nodule"),
        "diameter_mm": Given(diameter, "mm"),
        "nodules_multiple": Given("multiple" in names),
    }
    return given | ({"nodule_density": Given(density)} if density else {})


def _person(facts: Facts, names: set[str]) -> dict[str, Given]:
    """The risk as far as it was told, and whether the tables hold for this person."""
    codes = [c.code for c in facts.patient.conditions or () if c.system == "ICD-10"]
    smokes = facts.given.get("smoking")
    given = {"nodule_excluded": Given(any(code.startswith(EXCLUDED) for code in codes))}
    if "high" in names or (smokes and smokes.value) or any(code.startswith(EMPHYSEMA) for code in codes):
        given["nodule_risk"] = Given("high")
    elif smokes:
        given["nodule_risk"] = Given("low")
    return given
