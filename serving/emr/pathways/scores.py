"""Points of the tables in `knowledge/pathway/scores`, added up over what a chart tells.

What was not told adds nothing: a score is the least it can be.
"""

from operator import ge, lt

from cdss.rules.asking.context import Context
from cdss.rules.facts import Facts
from cdss.rules.language.conditions import compared_values, like
from cdss.rules.terms.table import Row, own
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert

YEAR = 365
MADE_OF = ("item", "points", "icd10", "loinc", "unit", "at_least", "below", "age_from", "age_below", "sex", "given")


def points(name: str, facts: Facts) -> int:
    """The points of a table; an item counts once, whichever of its rows are met."""
    context = Context(facts)
    met = {row["item"]: int(row["points"]) for row in own(f"pathway/scores/{name}", *MADE_OF) if _is_met(row, context)}
    return sum(met.values())


def group(name: str, score: int) -> str:
    """The group of a table that begins at or below the score."""
    reached = [row for row in own(f"pathway/scores/{name}", "group", "at_least") if score >= int(row["at_least"])]
    return max(reached, key=lambda row: int(row["at_least"]))["group"]


def _is_met(row: Row, context: Context) -> bool:
    """Age and sex limit a row; a condition, a result or a word told meets it, and so do age or sex alone."""
    if not _suits(row, context):
        return False
    if not (row["icd10"] or row["loinc"] or row["given"]):
        return True
    return _has(row, context) or _measured(row, context) or _told(row, context)


def _suits(row: Row, context: Context) -> bool:
    if row["sex"] and context.patient.sex != row["sex"]:
        return False
    if not (row["age_from"] or row["age_below"]):
        return True
    age = context.age("a")
    return age is not None and float(row["age_from"] or 0) <= age < float(row["age_below"] or "inf")


def _has(row: Row, context: Context) -> bool:
    prefixes = tuple(row["icd10"].split())
    return any(c.system == "ICD-10" and c.code.startswith(prefixes) for c in context.patient.conditions or ())


def _measured(row: Row, context: Context) -> bool:
    seen = context.latest(row["loinc"].split(), YEAR)
    if seen is None:
        return False
    try:
        value = like(seen.value, convert(seen.value, seen.unit, row["unit"], seen.loinc))
    except (UnknownUnit, NotConvertible):
        return False
    enough = not row["at_least"] or compared_values(ge, value, float(row["at_least"]))
    within = not row["below"] or compared_values(lt, value, float(row["below"]))
    return enough is True and within is True


def _told(row: Row, context: Context) -> bool:
    given = context.facts.given.get(row["given"])
    return given is not None and given.value is True
