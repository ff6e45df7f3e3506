"""One patient's facts, arranged so that rules find them without searching twice."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property

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
    """What all rules asked about one request share. `found` caches facts that do not depend on the order."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.patient = facts.patient
        self.day = facts.day
        self.found: dict[int, object] = {}

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """Orders first, then what is taken already."""
        ordered = [Taken(order) for order in self.facts.orders]
        return (*ordered, *(Taken(medication) for medication in self.patient.medications or ()))

    def beside(self, order: Order | None) -> Iterable[Taken]:
        """Every medicine but the order itself."""
        return (taken for taken in self.taken if order is None or taken.order != order.id)

    @cached_property
    def observations(self) -> dict[str, list[Observation]]:
        """By LOINC, latest first; undated ones count as of today; those of the future are left out."""
        by_code: dict[str, list[Observation]] = {}
        for observation in self.patient.observations:
            if observation.day is None or observation.day <= self.day + CLOCK_SKEW:
                by_code.setdefault(observation.loinc, []).append(observation)
        for found in by_code.values():
            found.sort(key=lambda observation: observation.day or self.day, reverse=True)
        return by_code

    def latest(self, codes: Iterable[str], max_age_days: int | None) -> Observation | None:
        """The latest result under any of the codes; None if there is none, or none recent enough."""
        candidates = [self.observations[code][0] for code in codes if code in self.observations]
        if not candidates:
            return None
        latest = max(candidates, key=lambda observation: observation.day or self.day)
        if max_age_days is not None and latest.day and (self.day - latest.day).days > max_age_days:
            return None
        return latest

    def age(self, unit: str) -> float | None:
        """Age on the day in completed years (a), completed months (mo) or days (d); None without a birth date."""
        born = self.patient.birth_date
        return None if born is None else elapsed(born, self.day, unit)


def elapsed(start: date, end: date, unit: str) -> float:
    """Completed years (a), completed months (mo), else days, between two days."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return {"a": months // 12, "mo": months}.get(unit, (end - start).days)
