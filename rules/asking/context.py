"""One patient's facts, arranged so that rules find them without searching twice."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from cdss.rules.asking.renewal import renews
from cdss.rules.facts import Drug, Facts, Medication, Observation, Order

CLOCK_SKEW = timedelta(days=1)  # a result dated tomorrow may come from a time zone ahead; later ones are not yet true


class Taken:
    """A medicine the patient takes, or is about to take: `order` is its order's id, None if it is taken already."""

    __slots__ = ("drug", "order", "prescription")

    def __init__(self, prescription: Order | Medication) -> None:
        self.drug: Drug = prescription.drug
        self.order: str | None = prescription.id if isinstance(prescription, Order) else None
        self.prescription = prescription


class Context:
    """What all rules asked about one request share. `found` remembers facts that several rules ask for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.patient = facts.patient
        self.day = facts.day
        self.found: dict[object, Any] = {}

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """Orders first, then what is taken already and none of them renews."""
        ordered = [Taken(order) for order in self.facts.orders]
        renewed = {id(medication) for medications in self.renewed.values() for medication in medications}
        return (*ordered, *(Taken(one) for one in self.patient.medications or () if id(one) not in renewed))

    @cached_property
    def renewed(self) -> dict[str, list[Medication]]:
        """What is taken already and goes on, by the id of the order that renews it."""
        found: dict[str, list[Medication]] = {}
        for medication in self.patient.medications or ():
            if order := next((order for order in self.facts.orders if renews(order, medication)), None):
                found.setdefault(order.id, []).append(medication)
        return found

    @cached_property
    def by_code(self) -> dict[str, list[Taken]]:
        """Medicines that act on the whole body, under every ATC level of their codes."""
        return by_level(taken for taken in self.taken if taken.drug.systemic)

    @cached_property
    def by_code_anywhere(self) -> dict[str, list[Taken]]:
        """All medicines, those that act locally too, under every ATC level of their codes."""
        return by_level(self.taken)

    @cached_property
    def by_ingredient(self) -> dict[str, list[Taken]]:
        """Medicines by the id of each ingredient."""
        found: dict[str, list[Taken]] = {}
        for taken in self.taken:
            for id in dict.fromkeys(ingredient.id for ingredient in taken.drug.ingredients):
                found.setdefault(id, []).append(taken)
        return found

    def under(self, codes: Iterable[str], local: bool = False) -> list[Taken]:
        """Medicines under any of the ATC codes, in the order of `taken`; those that act locally only with `local`."""
        by_code = self.by_code_anywhere if local else self.by_code
        return self._in_order([by_code[code] for code in codes if code in by_code])

    def containing(self, ingredients: Iterable[str]) -> list[Taken]:
        """Medicines with any of the ingredients, in the order of `taken`."""
        return self._in_order([self.by_ingredient[id] for id in ingredients if id in self.by_ingredient])

    def _in_order(self, groups: list[list[Taken]]) -> list[Taken]:
        if len(groups) < 2:
            return groups[0] if groups else []
        wanted = {id(taken) for group in groups for taken in group}
        return [taken for taken in self.taken if id(taken) in wanted]

    @cached_property
    def observations(self) -> dict[str, list[Observation]]:
        """By LOINC, latest first; undated ones count as of today; those of the future are left out."""
        by_code: dict[str, list[Observation]] = {}
        for observation in self.patient.observations:
            if observation.day is None or observation.day <= self.day + CLOCK_SKEW:
                by_code.setdefault(observation.loinc, []).append(observation)
        for found in by_code.values():
            found.sort(key=self._moment, reverse=True)
        return by_code

    def _moment(self, observation: Observation) -> tuple[date, str]:
        return observation.day or self.day, observation.time

    def latest(self, codes: Iterable[str], max_age_days: int | None) -> Observation | None:
        """The latest result under any of the codes; None if there is none, or none recent enough."""
        candidates = [self.observations[code][0] for code in codes if code in self.observations]
        if not candidates:
            return None
        latest = max(candidates, key=self._moment)
        if max_age_days is not None and latest.day and (self.day - latest.day).days > max_age_days:
            return None
        return latest

    def age(self, unit: str) -> float | None:
        """Age on the day in completed years (a), completed months (mo) or days (d); None without a birth date."""
        born = self.patient.birth_date
        return None if born is None else elapsed(born, self.day, unit)


def by_level(medicines: Iterable[Taken]) -> dict[str, list[Taken]]:
    """Medicines under every ATC level of their codes."""
    found: dict[str, list[Taken]] = {}
    for taken in medicines:
        for code in dict.fromkeys(level for atc in taken.drug.atc for level in levels(atc)):
            found.setdefault(code, []).append(taken)
    return found


def levels(atc: str) -> tuple[str, ...]:
    """The code at every ATC level it reaches: A10BA02 -> A, A10, A10B, A10BA, A10BA02."""
    return tuple(atc[:n] for n in (1, 3, 4, 5, 7) if n <= len(atc))


def elapsed(start: date, end: date, unit: str) -> float:
    """Completed years (a), completed months (mo), else days, between two days."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return {"a": months // 12, "mo": months}.get(unit, (end - start).days)
