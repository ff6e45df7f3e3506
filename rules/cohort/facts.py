"""How each kind of fact in a rule file is found in the columns of many people.

What a table of residents cannot tell (diagnoses by code, medicines, allergies, orders) is unknown of everybody, as it
is to the engine.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from cdss.rules.asking.context import CLOCK_SKEW
from cdss.rules.cohort.people import Column, Numbers, People
from cdss.rules.language.rule import Fact
from cdss.rules.language.settings import Settings
from cdss.rules.terms.units import canonical, convert


def column(fact: Fact, people: People, settings: Settings) -> Column:
    """The fact of everybody; the same fact of several rules is looked up once."""
    key = msgspec.json.encode(fact)
    found = people.facts.get(key)
    if found is None:
        found = people.facts[key] = _column(fact, people, settings)
    return found


def _column(fact: Fact, people: People, settings: Settings) -> Column:
    if fact.setting is not None:
        chosen = settings[fact.setting]
        return Column(np.full(len(people), chosen.value), chosen.unit)
    finders: dict[str, Callable[[Fact, People], Column]] = {"loinc": _loinc, "given": _given, "patient": _patient}
    find = finders.get(fact.kind())
    return find(fact, people) if find else _nothing(people)


def _nothing(people: People, unit: str = "") -> Column:
    return Column(np.full(len(people), np.nan), unit)


def _loinc(fact: Fact, people: People) -> Column:
    """The latest result under any of the codes, if it is recent enough."""
    unit = canonical(fact.unit)
    values, when = np.full(len(people), np.nan), np.full(len(people), np.inf)
    for code in fact.loinc or ():
        if code in people.observations:
            seen = people.observations[code]
            made = np.nan_to_num(people.days_ago if seen.days_ago is None else seen.days_ago, nan=0.0)
            later = seen.told & (made >= -CLOCK_SKEW.days) & (made < when)
            values, when = np.where(later, _converted(seen, unit, code), values), np.where(later, made, when)
    if fact.max_age_days is not None:
        values = np.where(when > fact.max_age_days, np.nan, values)
    return Column(values, unit)


def _given(fact: Fact, people: People) -> Column:
    said = people.given.get(fact.given or "")
    if said is None:
        return _nothing(people, fact.unit)
    if said.truth or not fact.unit:
        return said
    return Column(_converted(said, fact.unit, ""), fact.unit)


def _converted(seen: Column, unit: str, loinc: str) -> Numbers:
    """In another unit, rounded as `convert` rounds one value."""
    values: Numbers = seen.values.astype(np.float64)
    return values if seen.unit == unit else rounded(values * convert(1.0, seen.unit, unit, loinc))


def rounded(values: Numbers) -> Numbers:
    """To 12 significant digits, without the dust of binary arithmetic."""
    size = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros(len(values))))
    scale = 10.0 ** (11 - size)
    found: Numbers = np.round(values * scale) / scale
    return found


def _patient(fact: Fact, people: People) -> Column:
    match fact.patient:
        case "age" if (fact.unit or "a") == "a":
            return Column(people.age, "a")
        case "sex":
            return Column(people.sex)
        case "pregnant":
            untold_man = np.isnan(people.pregnant) & (people.sex == "male")
            return Column(np.where(untold_man, 0.0, people.pregnant), truth=True)
    return _nothing(people, fact.unit)
