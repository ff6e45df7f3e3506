"""From any request to the engine's facts: what all the forms of request share.

What cannot be used is not dropped: it becomes a note, and every note becomes an alert of kind `data`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import msgspec

from cdss.rules.alert import Alert, Text
from cdss.rules.conditions import PARTIAL
from cdss.rules.context import elapsed
from cdss.rules.diagnoses import by_name_only, every_in_icd10
from cdss.rules.dose_text import Dosage, dosage
from cdss.rules.engine import Review, data_alert, evaluate
from cdss.rules.facts import Coded, Facts, Observation, Patient, Quantity
from cdss.rules.observations import fault
from cdss.rules.order_words import as_needed, times_a_day
from cdss.rules.pack import Pack
from cdss.rules.units import convert
from cdss.serving.emr import says
from cdss.serving.emr.kidney import latest, with_kidney_function
from cdss.serving.emr.kidney_stage import with_stage

OLDEST = 130  # years; the longest life on record is 122
PREGNANCY = frozenset({"Z33", "Z34", "Z35", *(f"O{n:02}" for n in range(10, 49))})  # ICD-10, pregnancy ongoing
LACTATION = "Z39.1"  # ICD-10, care of the lactating mother
LOWEST_WEIGHT, HIGHEST_WEIGHT = 0.3, 450.0  # kg
WEIGHING_DAYS = 365  # an older weighing is not used


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


def derived(patient: Patient, today: date, notes: Notes | None = None) -> Patient:
    """The patient with what follows from what was sent: weight from a weighing, pregnancy from a diagnosis, eGFR.

    A diagnosis wins over "not pregnant" where `notes` can say so: many systems send false unless someone asked.
    """
    return with_stage(with_kidney_function(_with_state(_with_weight(patient, today), notes), today), today)


def _with_weight(patient: Patient, today: date) -> Patient:
    weighed = latest(patient, "weight", today, WEIGHING_DAYS)
    if patient.weight_kg is not None or weighed is None or type(weighed.value) in PARTIAL:
        return patient
    return msgspec.structs.replace(patient, weight_kg=convert(weighed.value, weighed.unit, "kg"))


def _with_state(patient: Patient, notes: Notes | None) -> Patient:
    """Pregnant or breastfeeding where a diagnosis says so."""
    codes = [condition.code for condition in patient.conditions or () if condition.system == "ICD-10"]
    pregnant = [code for code in codes if code[:3] in PREGNANCY]
    nursing = [code for code in codes if code.startswith(LACTATION)]
    return msgspec.structs.replace(
        patient,
        pregnant=_worse(patient.pregnant, pregnant, "pregnant-by-diagnosis", notes),
        breastfeeding=_worse(patient.breastfeeding, nursing, "breastfeeding-by-diagnosis", notes),
    )


def _worse(told: bool | None, diagnoses: list[str], name: str, notes: Notes | None) -> bool | None:
    """What was told; True by a diagnosis where nothing was told, or where it was told to be false and that is said."""
    if diagnoses and told is False and notes:
        notes.add(name, found=diagnoses[0])
        return True
    return True if diagnoses and told is None else told
