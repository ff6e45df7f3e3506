"""Resources about care that was given or is asked for, as far as pathways and imaging orders read them (R4, 4.0.1)."""

from typing import Any

from cdss.serving.emr.fhir import types as fhir_types
from cdss.serving.emr.fhir.types import CodeableConcept, Coding, Period, Reference, Struct


class Note(Struct, frozen=True, kw_only=True):
    """Free text."""

    text: str = ""


class Procedure(Struct, frozen=True, kw_only=True):
    """Something that was done."""

    status: str = ""
    subject: Reference = Reference()
    code: CodeableConcept = CodeableConcept()
    performed_date_time: str = ""
    performed_period: Period = Period()

    @property
    def when(self) -> str:
        """When it was done, by the end of the period if it took one."""
        return self.performed_date_time or self.performed_period.end or self.performed_period.start


class Immunization(Struct, frozen=True, kw_only=True):
    """A vaccination."""

    status: str = ""
    patient: Reference = Reference()
    vaccine_code: CodeableConcept = CodeableConcept()
    occurrence_date_time: str = ""


class ServiceRequest(Struct, frozen=True, kw_only=True):
    """An order for a service, such as an imaging study."""

    id: str = ""
    status: str = ""
    do_not_perform: bool = False
    subject: Reference = Reference()
    category: tuple[CodeableConcept, ...] = ()
    code: CodeableConcept = CodeableConcept()
    order_detail: tuple[CodeableConcept, ...] = ()
    body_site: tuple[CodeableConcept, ...] = ()
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    supporting_info: tuple[Reference, ...] = ()
    note: tuple[Note, ...] = ()
    authored_on: str = ""
    occurrence_date_time: str = ""
    contained: tuple[dict[str, Any], ...] = ()


class ImagingStudy(Struct, frozen=True, kw_only=True):
    """A study that was made."""

    status: str = ""
    subject: Reference = Reference()
    started: str = ""
    modality: tuple[Coding, ...] = ()
    procedure_code: tuple[CodeableConcept, ...] = ()
    description: str = ""


RESOURCES: dict[str, type[Struct]] = {
    **fhir_types.RESOURCES,
    "Procedure": Procedure,
    "Immunization": Immunization,
    "ServiceRequest": ServiceRequest,
    "ImagingStudy": ImagingStudy,
}
