"""The tests inside a rule file, run against the rule itself.

A test names its facts; here they are turned back into a patient and an order, so that the whole way from raw facts to
alert is tested. A fact that a test does not name is unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any

import msgspec

from cdss.rules.asking.compiled import CompiledRule, Verdict
from cdss.rules.asking.context import Context
from cdss.rules.asking.dose_facts import MEASURES
from cdss.rules.facts import (
    Allergy,
    Coded,
    Drug,
    Facts,
    Given,
    Ingredient,
    Medication,
    Observation,
    Order,
    Patient,
    Quantity,
)
from cdss.rules.language.rule import ANY, NUMBERED, SAME_INGREDIENT, Fact, RuleTest
from cdss.rules.language.settings import chosen

ORDER_ID = "o1"
WEIGHT_KG = 10.0  # of a patient whose test names a dose by weight and no weight


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test came out."""

    rule: str
    test: str
    expected: str
    got: str

    @property
    def passed(self) -> bool:
        """Whether the rule answered what the test expects."""
        return self.expected == self.got


def run(compiled: CompiledRule) -> Iterator[Outcome]:
    """Every test of one rule."""
    for test in compiled.rule.tests:
        yield Outcome(compiled.rule.id, test.name, test.expect, answer(compiled, test))


def answer(compiled: CompiledRule, test: RuleTest) -> str:
    """What the rule answers to a test: a severity, `unknown`, or `none`.

    A test that expects `precaution#2` is told which of the rule's alerts it was.
    """
    compiled, facts = _at_site(compiled, test), facts_of(compiled, test)
    order = facts.orders[0] if facts.orders else None
    if not _triggered(compiled, order):
        return "none"
    verdict: Verdict = compiled.ask(Context(facts), order)
    if verdict.alert:
        return verdict.alert.severity + (f"{NUMBERED}{verdict.answer}" if NUMBERED in test.expect else "")
    return "unknown" if verdict.unknown else "none"


def facts_of(compiled: CompiledRule, test: RuleTest) -> Facts:
    """The patient and order that a test describes."""
    order = Order(ORDER_ID, drug(test.ordering, not test.local)) if test.ordering else None
    start = Facts(Patient(), (order,) if order else (), test.day, event=compiled.rule.when.event)
    named = ((compiled.rule.facts[name], value) for name, value in test.facts.items() if value is not None)
    return reduce(lambda facts, item: BUILDERS[item[0].kind()](facts, *item), named, start)


def _at_site(compiled: CompiledRule, test: RuleTest) -> CompiledRule:
    """The rule at a site whose settings are those the test names."""
    named = {fact.setting: test.facts.get(name) for name, fact in compiled.rule.facts.items() if fact.setting}
    values = {name: float(value) for name, value in named.items() if value is not None}
    return CompiledRule(compiled.rule, chosen(compiled.settings, values)) if values else compiled


def drug(atc: str, systemic: bool = True) -> Drug:
    """A medicine that is nothing but its code."""
    return Drug(atc, (Ingredient(atc, atc, atc, (atc,)),), (atc,), systemic)


def renamed(product: Drug) -> Drug:
    """Another product of the same."""
    return msgspec.structs.replace(product, text=f"another {product.text}")


def _triggered(compiled: CompiledRule, order: Order | None) -> bool:
    when = compiled.rule.when
    if order is None or when.ordering is None:
        return when.ordering is None
    fits = when.ordering == ANY or order.drug.atc[0].startswith(tuple(when.ordering))
    return fits and when.concerns(order.drug)


def _patient(facts: Facts, **changed: Any) -> Facts:
    return msgspec.structs.replace(facts, patient=msgspec.structs.replace(facts.patient, **changed))


def _order(facts: Facts, **changed: Any) -> Facts:
    return msgspec.structs.replace(facts, orders=(msgspec.structs.replace(facts.orders[0], **changed),))


def _observation(facts: Facts, fact: Fact, value: Any) -> Facts:
    seen = Observation((fact.loinc or [""])[0], float(value), fact.unit, facts.day)
    return _patient(facts, observations=(*facts.patient.observations, seen))


def _condition(facts: Facts, fact: Fact, value: Any) -> Facts:
    known = facts.patient.conditions or ()
    new = (Coded("ICD-10", (fact.icd10 or [""])[0]),) if value else ()
    return _patient(facts, conditions=(*known, *new))


def _medication(facts: Facts, fact: Fact, value: Any) -> Facts:
    known = facts.patient.medications or ()
    code = (fact.taking or [""])[0]
    another = Drug(code, (Ingredient(f"another {code}", code, code, (code,)),), (code,))
    other = Medication(another, route=next(iter(fact.routes), None))
    new = (other,) if value else ()
    return _patient(facts, medications=(*known, *new))


def _duplicate(facts: Facts, fact: Fact, value: Any) -> Facts:
    known = facts.patient.medications or ()
    ordered = facts.orders[0].drug
    other = {"ingredient": renamed(ordered), "renewal": ordered}.get(
        str(fact.duplicate), drug(ordered.atc[0][:5] + "99")
    )
    return _patient(facts, medications=(*known, *((Medication(other),) if value else ())))


def _allergy(facts: Facts, fact: Fact, value: Any) -> Facts:
    known = facts.patient.allergies or ()
    to = facts.orders[0].drug if fact.allergy == SAME_INGREDIENT else drug(fact.allergy[0]) if fact.allergy else None
    new = Allergy(to.text if to else fact.names[0], to)
    return _patient(facts, allergies=(*known, new) if value else known)


def _person(facts: Facts, fact: Fact, value: Any) -> Facts:
    if fact.patient == "age":
        return _patient(facts, birth_date=born(facts.day, int(value), fact.unit or "a"))
    return _patient(facts, **{"weight_kg" if fact.patient == "weight" else str(fact.patient): value})


def born(day: date, age: int, unit: str) -> date:
    """The birth date of someone who reached that age exactly on that day."""
    if unit == "d":
        return day - timedelta(days=age)
    months = day.year * 12 + day.month - 1 - (age if unit == "mo" else 12 * age)
    return date(months // 12, months % 12 + 1, min(day.day, 28))


def _prescription(facts: Facts, fact: Fact, value: Any) -> Facts:
    if fact.order not in MEASURES:
        return _order(facts, **{str(fact.order): value})
    by_weight = str(fact.order).endswith("_per_kg")
    if by_weight and facts.patient.weight_kg is None:
        facts = _patient(facts, weight_kg=WEIGHT_KG)
    amount = float(value) * (facts.patient.weight_kg or 1.0 if by_weight else 1.0)
    return _order(facts, **_dose(facts.orders[0], str(fact.order), Quantity(amount, fact.unit.removesuffix("/kg"))))


def _dose(order: Order, name: str, told: Quantity) -> dict[str, Any]:
    """Dose and times a day of an order so that it also has this dose, or this amount in a day."""
    if name.startswith("dose"):
        daily = order.dose.value * order.times_a_day if order.dose and order.times_a_day else None
        return {"dose": told, "times_a_day": daily / told.value if daily else order.times_a_day}
    if order.dose is None:
        return {"dose": told, "times_a_day": 1.0}
    return {"times_a_day": told.value / order.dose.value}


def _setting(facts: Facts, _: Fact, __: Any) -> Facts:
    return facts


def _indication(facts: Facts, fact: Fact, value: Any) -> Facts:
    return _order(facts, indication=Coded("ICD-10", (fact.indication or [""])[0] if value else "Z99"))


def _given(facts: Facts, fact: Fact, value: Any) -> Facts:
    return msgspec.structs.replace(facts, given={**facts.given, fact.given or "": Given(value, fact.unit)})


BUILDERS: dict[str, Callable[[Facts, Fact, Any], Facts]] = {
    "loinc": _observation, "icd10": _condition, "taking": _medication, "duplicate": _duplicate, "allergy": _allergy,
    "patient": _person, "order": _prescription, "indication": _indication, "given": _given,
    "setting": _setting,
}  # fmt: skip
