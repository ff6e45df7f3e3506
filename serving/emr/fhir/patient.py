"""The patient of a chart: who, conditions, allergies, results."""

from collections.abc import Callable, Iterable
from datetime import date
from math import inf, nextafter

import msgspec

from cdss.rules.facts import Allergy, Patient, Sex
from cdss.rules.facts import Observation as Seen
from cdss.rules.language.conditions import AtLeast, Below
from cdss.rules.pack import Pack
from cdss.serving.emr.asked import Notes, birth_date, conditions, observation
from cdss.serving.emr.fhir import codes
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import ANY, Chart
from cdss.serving.emr.fhir.days import latest_first, read_day, read_time, unreadable
from cdss.serving.emr.fhir.medicines import coded, medications
from cdss.serving.emr.fhir.types import RESOURCES
from cdss.serving.emr.patient.allergies import with_diagnosed_allergies

LISTS = {  # list of the patient -> the resources it is made of
    "conditions": ("Condition",),
    "allergies": ("AllergyIntolerance",),
    "medications": ("MedicationRequest", "MedicationStatement"),
}
PREGNANCY_DAYS = 300  # a status older than a pregnancy lasts (280 days from the last period) says nothing of today
BOUNDS: dict[str, Callable[[float], float]] = {  # FHIR quantity-comparator
    "<": Below,
    "<=": lambda value: Below(nextafter(value, inf)),
    ">=": AtLeast,
    ">": lambda value: AtLeast(nextafter(value, inf)),
}


def patient(chart: Chart, pack: Pack, today: date, told: set[str]) -> Patient:
    """The patient of a chart. `told` names the kinds of resource whose absence means there are none."""
    person = next(iter(chart.of(fhir.Patient)), None)
    present = [c.code for c in chart.of(fhir.Condition) if _is_present(c)]
    diagnosed = conditions((one for concept in present for one in coded(concept)), chart.notes)
    allergies = tuple(_allergies(chart, pack))
    taken = tuple(medications(chart, pack))
    whole = {name for name in LISTS if _whole(name, chart, told)}
    listed = Patient(
        id=chart.patient or (person.id if person else None),
        birth_date=_birth_date(person.birth_date if person else "", today, chart.notes),
        sex=_sex(person, chart.notes),
        pregnant=_pregnant(chart, today),
        conditions=diagnosed if diagnosed or "conditions" in whole else None,
        allergies=allergies if allergies or "allergies" in whole else None,
        observations=tuple(observations(chart, today)),
        medications=taken if taken or "medications" in whole else None,
        partial=frozenset(LISTS.keys() - whole),
    )
    return with_diagnosed_allergies(listed, pack)


def _whole(name: str, chart: Chart, told: set[str]) -> bool:
    """Whether a list was sent, all of it: said so, or anything stands in it, be it over or refuted (no draft does)."""
    kinds = LISTS[name]
    sent = [one for kind in kinds for one in chart.of(RESOURCES[kind]) if getattr(one, "status", "") != "draft"]
    return bool(sent or told.intersection(kinds)) and not chart.partial & {ANY, *kinds}


def _birth_date(text: str, today: date, notes: Notes) -> date | None:
    """A birth date of any FHIR precision; one without a day counts from the first."""
    parts = text.split("T")[0].split("-")
    try:
        born = date(int(parts[0]), *(int(part) for part in (*parts[1:3], "1", "1")[:2])) if text else None
    except ValueError:
        notes.add("birth-date-impossible", found=text[:10])
        return None
    if born and len(parts) < 3:
        notes.add("birth-date-imprecise")
    return birth_date(born, today, notes)


def _sex(person: fhir.Patient | None, notes: Notes) -> Sex | None:
    if person and person.gender in ("male", "female"):
        return "male" if person.gender == "male" else "female"
    notes.add("sex-unknown")
    return None


def _is_present(resource: fhir.Condition | fhir.AllergyIntolerance) -> bool:
    return not (
        resource.clinical_status.codes() & codes.INACTIVE or resource.verification_status.codes() & codes.NOT_TRUE
    )


def _pregnant(chart: Chart, today: date) -> bool | None:
    """The latest pregnancy status of the last 300 days."""
    stated = [seen for seen in chart.of(fhir.Observation) if codes.PREGNANCY_STATUS in seen.code.codes_in(codes.LOINC)]
    for seen in latest_first([seen for seen in stated if seen.status not in codes.NOT_MEASURED], today):
        answers = seen.value_codeable_concept.codes() if seen.value_codeable_concept else set()
        day = read_day(seen.when, today) or today
        if answers & (codes.PREGNANT | codes.NOT_PREGNANT) and (today - day).days <= PREGNANCY_DAYS:
            return bool(answers & codes.PREGNANT)
    return None


def _allergies(chart: Chart, pack: Pack) -> Iterable[Allergy]:
    for allergy in chart.of(fhir.AllergyIntolerance):
        if not _is_present(allergy) or allergy.code.codes() & codes.NO_KNOWN_ALLERGY:
            continue
        named = [one for one in (allergy.code, *(r.substance for r in allergy.reaction)) if one.names()[0]]
        if not named:
            chart.partial |= {"AllergyIntolerance"}
            chart.notes.add("resource-unreadable", found="AllergyIntolerance")
        for concept in named:
            yield from _allergic_to(concept, pack)


def _allergic_to(concept: fhir.CodeableConcept, pack: Pack) -> tuple[Allergy, ...]:
    """What an allergy is to, by its codes and by the first of its names that is understood."""
    atc, rxnorm = concept.code_in(codes.ATC), concept.code_in(codes.RXNORM)
    read = [pack.formulary.allergies(text=name, atc=atc, rxnorm=rxnorm) for name in concept.names()]
    return next((found for found in read if any(one.drug or one.atc or one.other for one in found)), read[0])


def observations(chart: Chart, today: date) -> Iterable[Seen]:
    """Every number with a LOINC code, parts of an observation included. One whose date cannot be read is not used."""
    for resource in chart.of(fhir.Observation):
        if resource.status not in codes.NOT_MEASURED:
            yield from _measured(resource, chart, today)


def _measured(resource: fhir.Observation, chart: Chart, today: date) -> Iterable[Seen]:
    parts: tuple[fhir.Observation | fhir.Component, ...] = (resource, *resource.component)
    for part in parts:
        code, quantity = part.code.code_in(codes.LOINC), part.value_quantity
        if not code or quantity is None or quantity.value is None:
            continue
        if unreadable(resource, today):
            chart.notes.add("date-unreadable", found=part.code.words() or code)
            continue
        day, value = read_day(resource.when, today), bounded(quantity.value, quantity.comparator)
        if seen := observation(code, value, quantity.code or quantity.unit, day, chart.notes):
            yield msgspec.structs.replace(seen, time=read_time(resource.when))


def bounded(value: float, comparator: str) -> float:
    """A number, or what is known of one that was told as below or above it."""
    bound = BOUNDS.get(comparator.strip())
    return bound(value) if bound else value
