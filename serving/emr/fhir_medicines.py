"""The medicines of a chart: what is taken, and what is being ordered."""

from collections.abc import Iterable
from typing import Any

import msgspec

from cdss.rules.diagnoses import in_icd10
from cdss.rules.facts import Coded, Drug, Medication, Order
from cdss.rules.pack import Pack
from cdss.rules.units import NotConvertible, UnknownUnit, convert
from cdss.serving.emr import fhir_codes as codes
from cdss.serving.emr import fhir_types as fhir
from cdss.serving.emr.asked import dose
from cdss.serving.emr.chart import Chart
from cdss.serving.emr.fhir_dosage import prescribed


def medications(chart: Chart, pack: Pack) -> Iterable[Medication]:
    """What is taken already: active requests and statements."""
    requests = (
        (r, r.dosage_instruction) for r in chart.of(fhir.MedicationRequest) if r.status not in {*codes.GONE, "draft"}
    )
    statements = ((s, s.dosage) for s in chart.of(fhir.MedicationStatement) if s.status not in codes.GONE)
    both: list[tuple[fhir.MedicationRequest | fhir.MedicationStatement, list[fhir.Dosage]]] = [*requests, *statements]
    for resource, dosages in both:
        if getattr(resource, "do_not_perform", False):
            continue
        told = prescribed(dosages)
        if told.unread:
            chart.notes.add("dosage-text")
        if drug := _drug(resource, chart, pack, told.route):
            yield Medication(drug, told.dose, told.times, told.route, told.daily)


def orders(requests: Iterable[fhir.MedicationRequest], chart: Chart, pack: Pack) -> tuple[Order, ...]:
    """Medication requests as orders; those for no medicine yet, stopped or forbidding are left out."""
    return tuple(o for number, r in enumerate(requests) if (o := _order(number, r, chart, pack)))


def _order(number: int, request: fhir.MedicationRequest, chart: Chart, pack: Pack) -> Order | None:
    if request.do_not_perform or request.status in codes.GONE:
        return None
    id = request.id or str(number + 1)
    told = prescribed(request.dosage_instruction)
    drug = _drug(request, chart, pack, told.route)
    if drug is None:
        chart.notes.add("order-without-medication", (id,))
        return None
    if told.unread:
        chart.notes.add("dosage-text", (id,))
    reason = next((in_icd10(coded(concept)) for concept in request.reason_code), None)
    amount = dose(told.dose, id, chart.notes)
    return Order(id, drug, amount, told.times, told.route, _duration(request), reason, told.daily, told.method)


def _drug(
    resource: fhir.MedicationRequest | fhir.MedicationStatement, chart: Chart, pack: Pack, way: str | None
) -> Drug | None:
    """The medicine named by a concept, or by a reference to a contained or sent resource; None if none is named."""
    concept = resource.medication_codeable_concept
    if concept is None and resource.medication_reference:
        concept = _referenced(resource.medication_reference, resource.contained, chart)
    if concept is None or not (concept.coding or concept.text):
        return None
    return pack.formulary.resolve(
        name=concept.words() or None,
        atc=concept.code_in(codes.ATC) or None,
        nhsa=concept.code_in(codes.NHSA) or None,
        rxnorm=concept.code_in(codes.RXNORM) or None,
        route=way,
    )


def _referenced(
    reference: fhir.Reference, contained: list[dict[str, Any]], chart: Chart
) -> fhir.CodeableConcept | None:
    name = reference.reference
    inside = {f"#{resource.get('id')}": resource for resource in contained}
    found = inside.get(name) or chart.by_address.get(name)
    if found and isinstance(found.get("code"), dict):
        return msgspec.convert(found["code"], fhir.CodeableConcept)
    return fhir.CodeableConcept(text=reference.display) if reference.display else None


def _duration(request: fhir.MedicationRequest) -> float | None:
    """Days, from the bounds of the timing, else from the supply."""
    bounds = (d.timing.repeat.bounds_duration for d in request.dosage_instruction)
    for quantity in (*bounds, request.dispense_request.expected_supply_duration):
        if quantity and quantity.value is not None:
            try:
                return convert(quantity.value, quantity.code or quantity.unit, "d")
            except (UnknownUnit, NotConvertible):
                continue
    return None


def coded(concept: fhir.CodeableConcept) -> Coded:
    """The ICD-10 code told, else the SNOMED code, else the first; with the words."""
    if code := concept.code_in(codes.ICD10):
        return Coded("ICD-10", code.upper(), concept.words())
    if code := concept.code_in(codes.SNOMED):
        return Coded("SNOMED", code, concept.words())
    first = next(iter(concept.coding), fhir.Coding())
    return Coded(first.system, first.code, concept.words())
