"""The parts of FHIR R4 resources that are read. Everything else in a resource is left alone (R4, 4.0.1)."""

from typing import Any

import msgspec


class Struct(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A part of a resource; members not named are skipped."""


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

    def code_in(self, systems: frozenset[str]) -> str:
        """The first code in one of the systems; empty if there is none."""
        return next((coding.code for coding in self.coding if coding.system in systems and coding.code), "")

    def codes(self) -> set[str]:
        """All codes, whatever their system."""
        return {coding.code for coding in self.coding}


class Reference(Struct, frozen=True, kw_only=True):
    """A reference, as text."""

    reference: str = ""
    display: str = ""


class Quantity(Struct, frozen=True, kw_only=True):
    """A number with its unit; `code` is the UCUM code where one was sent."""

    value: float | None = None
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
    """How often, in numbers or as a code such as BID."""

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
    contained: list[dict[str, Any]] = []
    dosage: list[Dosage] = []


class Condition(Struct, frozen=True, kw_only=True):
    """A problem or diagnosis."""

    subject: Reference = Reference()
    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    code: CodeableConcept = CodeableConcept()


class AllergyIntolerance(Struct, frozen=True, kw_only=True):
    """An allergy."""

    patient: Reference = Reference()
    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    code: CodeableConcept = CodeableConcept()


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
    issued: str = ""
    component: list[Component] = []


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
