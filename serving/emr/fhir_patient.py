"""The patient of a chart: who, conditions, allergies, results."""

from collections.abc import Iterable
from datetime import date

from cdss.rules.facts import Allergy, Patient, Sex
from cdss.rules.facts import Observation as Seen
from cdss.rules.pack import Pack
from cdss.serving.emr import fhir_codes as codes
from cdss.serving.emr import fhir_types as fhir
from cdss.serving.emr.asked import Notes, birth_date, conditions, observation
from cdss.serving.emr.chart import Chart
from cdss.serving.emr.fhir_medicines import coded, medications


def patient(chart: Chart, pack: Pack, today: date, told: set[str]) -> Patient:
    """The patient of a chart. `told` names the kinds of resource whose absence means there are none."""
    person = next(iter(chart.of(fhir.Patient)), None)
    present = conditions((coded(c.code) for c in chart.of(fhir.Condition) if _is_present(c)), chart.notes)
    allergies = tuple(_allergies(chart, pack))
    taken = tuple(medications(chart, pack))
    return Patient(
        id=chart.patient or (person.id if person else None),
        birth_date=_birth_date(person.birth_date if person else "", today, chart.notes),
        sex=_sex(person, chart.notes),
        pregnant=_pregnant(chart),
        conditions=present if present or "Condition" in told else None,
        allergies=allergies if _allergies_told(chart, told) else None,
        observations=tuple(observations(chart)),
        medications=taken if taken or "MedicationRequest" in told else None,
    )


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


def _pregnant(chart: Chart) -> bool | None:
    """The latest pregnancy status, where one was sent."""
    stated = [o for o in chart.of(fhir.Observation) if o.code.code_in(codes.LOINC) == codes.PREGNANCY_STATUS]
    for seen in sorted(stated, key=lambda o: o.effective_date_time, reverse=True):
        answers = seen.value_codeable_concept.codes() if seen.value_codeable_concept else set()
        if answers & (codes.PREGNANT | codes.NOT_PREGNANT):
            return bool(answers & codes.PREGNANT)
    return None


def _allergies_told(chart: Chart, told: set[str]) -> bool:
    return bool(chart.of(fhir.AllergyIntolerance)) or "AllergyIntolerance" in told


def _allergies(chart: Chart, pack: Pack) -> Iterable[Allergy]:
    for allergy in chart.of(fhir.AllergyIntolerance):
        if _is_present(allergy) and not allergy.code.codes() & codes.NO_KNOWN_ALLERGY:
            yield from pack.formulary.allergies(text=allergy.code.words(), atc=allergy.code.code_in(codes.ATC))


def observations(chart: Chart) -> Iterable[Seen]:
    """Every number with a LOINC code, parts of an observation included."""
    for resource in chart.of(fhir.Observation):
        if resource.status in codes.NOT_MEASURED:
            continue
        day = _day(resource.effective_date_time or resource.issued)
        parts: tuple[fhir.Observation | fhir.Component, ...] = (resource, *resource.component)
        for part in parts:
            code, quantity = part.code.code_in(codes.LOINC), part.value_quantity
            if code and quantity and quantity.value is not None:
                seen = observation(code, quantity.value, quantity.code or quantity.unit, day, chart.notes)
                if seen:
                    yield seen


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
