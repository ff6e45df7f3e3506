"""FHIR dosage instructions as one prescription: route, dose at a time, times a day, and the amount of a whole day.

Instructions that hold together are added up: 10 mg in the morning and 5 mg in the evening are 15 mg a day. Those that
follow each other (a taper) are not: the largest day counts. What is missing in the structure is read from the text.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from cdss.rules.facts import Quantity
from cdss.rules.terms.dose_text import Dosage, dosage
from cdss.rules.terms.order_words import method, piece, route, times_a_day
from cdss.rules.terms.units import NotConvertible, UnknownUnit, canonical, convert
from cdss.serving.emr.fhir import types as fhir

PERIODS = {"s": 86400.0, "min": 1440.0, "h": 24.0, "d": 1.0, "wk": 1 / 7, "mo": 1 / 30.4, "a": 1 / 365.25}  # a day
MEALS = frozenset({"C", "AC", "PC"})  # HL7 TimingEvent: (before, after) every meal


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction understood. `unread`: words were sent that say nothing we understand.

    `impossible`: an amount that no one can give was sent; it is not used, and no sum is made of what stands beside it.
    """

    route: str | None = None
    dose: Quantity | None = None
    times: float | None = None
    daily: Quantity | None = None
    unread: str = ""
    method: str | None = None
    impossible: Quantity | None = None


def prescribed(dosages: list[fhir.Dosage]) -> Instruction:
    """All instructions of a prescription as one: the largest dose, the route with it, and the amount of a day."""
    if not dosages:
        return Instruction()
    understood = [_understood(one) for one in dosages]
    largest = max(understood, key=lambda one: one.dose.value if one.dose else 0.0)
    unread = next((one.unread for one in understood if one.unread), "")
    if len(understood) == 1:
        return largest
    days = [_day([understood[place] for place in group]) for group in _concurrent(dosages)]
    daily = None if None in days else max((day for day in days if day), key=lambda day: day.value)
    daily = daily if len({day.unit for day in days if day}) == 1 else None
    impossible = next((one.impossible for one in understood if one.impossible), None)
    return Instruction(largest.route, largest.dose, None, daily, unread, largest.method, impossible)


def _concurrent(dosages: list[fhir.Dosage]) -> list[list[int]]:
    """Places of the instructions that hold at the same time.

    They follow each other where their sequence and their bounds, or the days on which they begin, are told and differ.
    """
    groups: dict[object, list[int]] = defaultdict(list)
    bounded = any(one.timing.repeat.bounds_duration or one.timing.repeat.bounds_period for one in dosages)
    moments = all(one.timing.repeat.when or one.timing.repeat.time_of_day for one in dosages)
    for place, one in enumerate(dosages):
        period = one.timing.repeat.bounds_period
        sequence = one.sequence if bounded or not moments else None
        groups[sequence, period.start if period else ""].append(place)
    return list(groups.values())


def _day(together: list[Instruction]) -> Quantity | None:
    """The amount of a day of instructions that hold together; None if it is not known of one of them."""
    total: Quantity | None = None
    for one in together:
        part = one.daily or (Quantity(one.dose.value * one.times, one.dose.unit) if one.dose and one.times else None)
        if part is None:
            return None
        total = part if total is None else _added(total, part)
        if total is None:
            return None
    return total


def _added(a: Quantity, b: Quantity) -> Quantity | None:
    if a.unit == b.unit or (piece(a.unit) and piece(a.unit) == piece(b.unit)):
        return Quantity(a.value + b.value, a.unit)
    try:
        return Quantity(a.value + convert(b.value, b.unit, a.unit), a.unit)
    except (UnknownUnit, NotConvertible):
        return None


def _understood(told: fhir.Dosage) -> Instruction:
    written = dosage(told.text) if told.text else Dosage()
    amount, way = _amount(told), _route(told.route) or written.route
    times, unread = _times(told.timing)
    needed = told.as_needed_boolean or told.as_needed_codeable_concept is not None or written.as_needed
    times = written.times_a_day if times is None else times
    daily = _most(told.max_dose_per_period) if needed else None
    dose = amount or written.dose
    if amount is None and daily is None:
        daily = written.daily
    if told.text and not needed and dose is None and daily is None and times is None:
        unread = told.text
    found = Instruction(way, dose, times, daily, "" if times is not None else unread, _method(told))
    impossible = next((part for part in (dose, daily) if part and part.value <= 0), None)
    return replace(found, dose=None, daily=None, impossible=impossible) if impossible else found


def _method(told: fhir.Dosage) -> str | None:
    return method(" ".join((told.text, told.method.words(), told.route.words())))


def _amount(told: fhir.Dosage) -> Quantity | None:
    for part in told.dose_and_rate:
        of_range = part.dose_range.high or part.dose_range.low if part.dose_range else None
        if found := quantity(part.dose_quantity or of_range):
            return found
    return None


def quantity(sent: fhir.Quantity | None) -> Quantity | None:
    """A quantity in the unit that is understood: the UCUM code, else the words beside it (code 1, unit tablet)."""
    if sent is None or sent.value is None:
        return None
    units = [unit for unit in (sent.code, sent.unit) if unit and unit not in ("1", "{1}") and _known(unit)]
    return Quantity(sent.value, units[0] if units else sent.code or sent.unit or "1")


def _known(unit: str) -> bool:
    try:
        return bool(canonical(unit))
    except UnknownUnit:
        return piece(unit) is not None


def _most(ratio: fhir.Ratio | None) -> Quantity | None:
    """The most that may be taken in a day."""
    most, period = (quantity(ratio.numerator), quantity(ratio.denominator)) if ratio else (None, None)
    if most is None or period is None or period.value <= 0:
        return None
    try:
        return Quantity(most.value / convert(period.value, period.unit, "d"), most.unit)
    except (UnknownUnit, NotConvertible):
        return None


def _route(concept: fhir.CodeableConcept) -> str | None:
    words = (*(coding.code for coding in concept.coding), concept.text, *(c.display for c in concept.coding))
    return next((found for word in words if word and (found := route(word))), None)


def _times(timing: fhir.Timing) -> tuple[float | None, str]:
    """Times a day, and the words if there are some that were not understood."""
    if (structured := _repeated(timing.repeat)) is not None:
        return structured, ""
    coded = timing.code.coding
    words = [word for word in (*(c.code for c in coded), timing.code.text, *(c.display for c in coded)) if word]
    found = next((times for word in words if (times := times_a_day(word)) is not None), None)
    return found, words[0] if words and found is None else ""


def _repeated(repeat: fhir.Repeat) -> float | None:
    """Times a day of the structure: frequency (1 if only a period is told), moments of the day, days of the week."""
    moments = len(repeat.time_of_day) or sum(3 if event in MEALS else 1 for event in repeat.when)
    often = float(max(repeat.frequency_max or repeat.frequency or 0, moments))
    if repeat.period and repeat.period > 0 and repeat.period_unit in PERIODS:
        periods = PERIODS[repeat.period_unit] / repeat.period
        if repeat.period_unit == "wk" and repeat.day_of_week:
            often = max(often, float(len(repeat.day_of_week) * (moments or 1)))
        elif repeat.day_of_week:
            periods *= len(repeat.day_of_week) / 7
        return (often or 1.0) * periods
    if repeat.day_of_week:
        return (often or 1.0) * len(repeat.day_of_week) / 7
    return float(moments) if moments else None
