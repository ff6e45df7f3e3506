"""The parts of FHIR R4 resources that are read. Everything else in a resource is left alone (R4, 4.0.1)."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec


class Struct(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A part of a resource; members not named are skipped."""


Kind = TypeVar("Kind", bound=msgspec.Struct)


def read(value: Any, kind: type[Kind]) -> Kind:
    """A resource or a part of one; members that are null count as not sent. ValidationError if it cannot be read."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return msgspec.convert(without_nulls(value), kind)


def without_nulls(value: Any) -> Any:
    """A value without what is null in its objects and lists."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(member) for member in value if member is not None]
    return value


class Coding(Struct, frozen=True, kw_only=True):
    """One code."""

    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Struct, frozen=True, kw_only=True):
    """Several codes for one thing, and words."""

    coding: list[Coding] = []
    text: str = ""

    def words(self) -> str:
        """The words: the text, else the first display."""
        return self.text or next((coding.display for coding in self.coding if coding.display), "")

    def names(self) -> tuple[str, ...]:
        """Everything it is called, the text first; where there are no words, its codes. At least one, if only empty."""
        words = (self.text, *(coding.display for coding in self.coding))
        return _told(words) or _told(coding.code for coding in self.coding) or ("",)

    def code_in(self, systems: frozenset[str]) -> str:
        """The first code in one of the systems; empty if there is none."""
        return next(iter(self.codes_in(systems)), "")

    def codes_in(self, systems: frozenset[str]) -> tuple[str, ...]:
        """Every code in one of the systems."""
        return _told(coding.code for coding in self.coding if coding.system.strip().rstrip("/") in systems)

    def codes(self) -> set[str]:
        """All codes, whatever their system."""
        return {coding.code.strip() for coding in self.coding}


def _told(words: Iterable[str]) -> tuple[str, ...]:
    """The words that are not blank, each once."""
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


class Reference(Struct, frozen=True, kw_only=True):
    """A reference, as text."""

    reference: str = ""
    display: str = ""


class CodeableReference(Struct, frozen=True, kw_only=True):
    """A concept or a reference, as R5 writes them in one member."""

    concept: CodeableConcept | None = None
    reference: Reference | None = None


class Quantity(Struct, frozen=True, kw_only=True):
    """A number with its unit; `code` is the UCUM code where one was sent, `comparator` (< <= >= >) of a bound."""

    value: float | None = None
    comparator: str = ""
    unit: str = ""
    code: str = ""


class Range(Struct, frozen=True, kw_only=True):
    """From low to high."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Struct, frozen=True, kw_only=True):
    """So much in so much."""

    numerator: Quantity = Quantity()
    denominator: Quantity = Quantity()


class Period(Struct, frozen=True, kw_only=True):
    """From one day to another."""

    start: str = ""
    end: str = ""


class Repeat(Struct, frozen=True, kw_only=True):
    """How often."""

    frequency: int | None = None
    frequency_max: int | None = None
    period: float | None = None
    period_unit: str = ""
    bounds_duration: Quantity | None = None
    bounds_period: Period | None = None
    day_of_week: list[str] = []
    time_of_day: list[str] = []
    when: list[str] = []


class Timing(Struct, frozen=True, kw_only=True):
    """How often, in numbers or as a code such as BID; `event` names the moments themselves."""

    event: list[str] = []
    repeat: Repeat = Repeat()
    code: CodeableConcept = CodeableConcept()


class DoseAndRate(Struct, frozen=True, kw_only=True):
    """How much at a time."""

    dose_quantity: Quantity | None = None
    dose_range: Range | None = None


class Dosage(Struct, frozen=True, kw_only=True):
    """One instruction. `sequence` orders instructions that follow each other; equal ones hold together."""

    sequence: int | None = None
    text: str = ""
    timing: Timing = Timing()
    route: CodeableConcept = CodeableConcept()
    method: CodeableConcept = CodeableConcept()
    dose_and_rate: list[DoseAndRate] = []
    as_needed_boolean: bool = False
    as_needed_codeable_concept: CodeableConcept | None = None
    max_dose_per_period: Ratio | None = None


class DispenseRequest(Struct, frozen=True, kw_only=True):
    """How much to hand out."""

    expected_supply_duration: Quantity | None = None


class MedicationRequest(Struct, frozen=True, kw_only=True):
    """An order for a medicine."""

    id: str = ""
    status: str = ""
    do_not_perform: bool = False
    subject: Reference = Reference()
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    medication: CodeableReference = CodeableReference()
    contained: list[dict[str, Any]] = []
    dosage_instruction: list[Dosage] = []
    reason_code: list[CodeableConcept] = []
    dispense_request: DispenseRequest = DispenseRequest()
    prior_prescription: Reference = Reference()


class MedicationStatement(Struct, frozen=True, kw_only=True):
    """A medicine said to be taken."""

    id: str = ""
    status: str = ""
    subject: Reference = Reference()
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    medication: CodeableReference = CodeableReference()
    contained: list[dict[str, Any]] = []
    dosage: list[Dosage] = []


class Part(Struct, frozen=True, kw_only=True):
    """One ingredient of a medicine; `item` is how R5 names it."""

    item_codeable_concept: CodeableConcept | None = None
    item: CodeableReference = CodeableReference()


class Medication(Struct, frozen=True, kw_only=True):
    """A medicine itself, sent along or contained."""

    code: CodeableConcept = CodeableConcept()
    ingredient: list[Part] = []


class Condition(Struct, frozen=True, kw_only=True):
    """A problem or diagnosis."""

    subject: Reference = Reference()
    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    code: CodeableConcept = CodeableConcept()


class Reaction(Struct, frozen=True, kw_only=True):
    """A reaction, and the substance that caused it where it is told apart."""

    substance: CodeableConcept = CodeableConcept()


class AllergyIntolerance(Struct, frozen=True, kw_only=True):
    """An allergy."""

    patient: Reference = Reference()
    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    code: CodeableConcept = CodeableConcept()
    reaction: list[Reaction] = []


class Component(Struct, frozen=True, kw_only=True):
    """A part of an observation: systolic, diastolic."""

    code: CodeableConcept = CodeableConcept()
    value_quantity: Quantity | None = None


class Observation(Struct, frozen=True, kw_only=True):
    """A result or vital sign."""

    status: str = ""
    subject: Reference = Reference()
    code: CodeableConcept = CodeableConcept()
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_boolean: bool | None = None
    value_string: str = ""
    effective_date_time: str = ""
    effective_instant: str = ""
    effective_period: Period = Period()
    effective_timing: Timing = Timing()
    issued: str = ""
    component: list[Component] = []

    @property
    def when(self) -> str:
        """When it was so: the moment, the end of the period or else its start, or else when it was issued."""
        moments = (self.effective_date_time, self.effective_instant, self.effective_period.end)
        others = (self.effective_period.start, max(self.effective_timing.event, default=""), self.issued)
        return next((told for told in (*moments, *others) if told), "")


class Patient(Struct, frozen=True, kw_only=True):
    """Who."""

    id: str = ""
    gender: str = ""
    birth_date: str = ""


RESOURCES: dict[str, type[Struct]] = {
    "MedicationRequest": MedicationRequest,
    "MedicationStatement": MedicationStatement,
    "Condition": Condition,
    "AllergyIntolerance": AllergyIntolerance,
    "Observation": Observation,
    "Patient": Patient,
}
