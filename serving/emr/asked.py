"""From any request to the engine's facts: what all the forms of request share.

What cannot be used is not dropped: it becomes a note, and every note becomes an alert of kind `data`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import msgspec

from cdss.rules.alert import Alert, Text
from cdss.rules.asking.context import elapsed
from cdss.rules.engine import Review, data_alert, evaluate
from cdss.rules.facts import Coded, Facts, Observation, Quantity
from cdss.rules.pack import Pack
from cdss.rules.terms.diagnoses import by_name_only, every_in_icd10
from cdss.rules.terms.dose_text import Dosage, dosage
from cdss.rules.terms.observations import fault
from cdss.rules.terms.order_words import as_needed, times_a_day
from cdss.serving.emr import says

OLDEST = 130  # years; the longest life on record is 122
LOWEST_WEIGHT, HIGHEST_WEIGHT = 0.3, 450.0  # kg


@dataclass(slots=True)
class Notes:
    """What was wrong with a request without making it unanswerable, in the order it was found."""

    alerts: list[Alert] = field(default_factory=list)

    def add(self, name: str, orders: tuple[str, ...] = (), **values: object) -> None:
        """One more, in the words of `says.NOTES`."""
        self.say(name, says.note(name, **values), orders)

    def say(self, name: str, text: Text, orders: tuple[str, ...] = ()) -> None:
        """One more, in words of its own; the same words are said once."""
        alert = data_alert(f"data/{name}", text, orders)
        if alert not in self.alerts:
            self.alerts.append(alert)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request understood: the facts, and what had to be said about them."""

    facts: Facts
    notes: Notes


def answer(pack: Pack, asked: Asked) -> Review:
    """The engine's review of the request, the notes first."""
    review = evaluate(pack, asked.facts)
    return msgspec.structs.replace(review, alerts=(*review.alerts, *asked.notes.alerts))


def birth_date(born: date | None, today: date, notes: Notes) -> date | None:
    """A birth date that can be true; otherwise a note and None."""
    if born is None:
        notes.add("birth-date-missing")
        return None
    if born > today or elapsed(born, today, "a") > OLDEST:
        notes.add("birth-date-impossible", found=born)
        return None
    return born


def weight(kilograms: float | None, notes: Notes) -> float | None:
    """A body weight that can be true; otherwise a note and None."""
    if kilograms is None or LOWEST_WEIGHT <= kilograms <= HIGHEST_WEIGHT:
        return kilograms
    notes.add("weight-impossible", found=f"{kilograms:g}")
    return None


def observation(loinc: str, value: float, unit: str, day: date | None, notes: Notes) -> Observation | None:
    """A result that can be true; otherwise a note and None."""
    if why := fault(loinc, value, unit):
        notes.say("observation-impossible", why)
        return None
    return Observation(loinc, value, unit, day)


def conditions(told: Iterable[Coded], notes: Notes) -> tuple[Coded, ...]:
    """Conditions by their ICD-10 codes, else as they were told; a note if some can only be compared by name."""
    known = tuple(one for condition in told for one in every_in_icd10(condition))
    if unsure := sum(by_name_only(condition) for condition in known):
        notes.add("condition-uncoded", found=unsure)
    return known


def frequency(words: str | None, order: str, notes: Notes) -> Dosage:
    """How often, and the dose and the route where the words tell them too; a note if they were not understood."""
    if not words:
        return Dosage()
    if (times := times_a_day(words)) is not None:
        return Dosage(times_a_day=times, as_needed=as_needed(words))
    found = dosage(words)
    if found.times_a_day is None and found.daily is None and not found.as_needed:
        notes.add("frequency-unknown", (order,) if order else ())
    return found


def dose(quantity: Quantity | None, order: str, notes: Notes) -> Quantity | None:
    """A dose that can be meant: above zero. Otherwise a note and None."""
    if quantity is None or quantity.value > 0:
        return quantity
    notes.add("dose-impossible", (order,) if order else (), found=f"{quantity.value:g}")
    return None
