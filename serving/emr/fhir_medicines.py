"""The medicines of a chart: what is taken, and what is being ordered."""

from collections.abc import Iterable
from typing import Any

import msgspec

from cdss.rules.diagnoses import in_icd10
from cdss.rules.facts import Coded, Drug, Medication, Order, Quantity
from cdss.rules.order_words import route, times_a_day
from cdss.rules.pack import Pack
from cdss.rules.units import NotConvertible, UnknownUnit, convert
from cdss.serving.emr import fhir_codes as codes
from cdss.serving.emr import fhir_types as fhir
from cdss.serving.emr.asked import dose
from cdss.serving.emr.chart import Chart

PERIODS = {"s": 86400.0, "min": 1440.0, "h": 24.0, "d": 1.0, "wk": 1 / 7, "mo": 1 / 30.4, "a": 1 / 365.25}  # a day


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
        way, amount, times = _dosage(dosages)
        if drug := _drug(resource, chart, pack, way):
            yield Medication(drug, amount, times, way)


def orders(requests: Iterable[fhir.MedicationRequest], chart: Chart, pack: Pack) -> tuple[Order, ...]:
    """Medication requests as orders; those for no medicine yet, stopped or forbidding are left out."""
    return tuple(o for number, r in enumerate(requests) if (o := _order(number, r, chart, pack)))


def _order(number: int, request: fhir.MedicationRequest, chart: Chart, pack: Pack) -> Order | None:
    if request.do_not_perform or request.status in codes.GONE:
        return None
    id = request.id or str(number + 1)
    way, amount, times = _dosage(request.dosage_instruction)
    drug = _drug(request, chart, pack, way)
    if drug is None:
        chart.notes.add("order-without-medication", (id,))
        return None
    reason = next((coded(concept) for concept in request.reason_code), None)
    return Order(id, drug, dose(amount, id, chart.notes), times, way, _duration(request), reason)


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


def _dosage(dosages: list[fhir.Dosage]) -> tuple[str | None, Quantity | None, float | None]:
    """Route, amount at a time and times a day; of several instructions the one with the largest amount."""
    if not dosages:
        return None, None, None
    largest = max(dosages, key=lambda dosage: _size(_amount(dosage)))
    return _route(largest.route), _amount(largest), _times(largest.timing)


def _route(concept: fhir.CodeableConcept) -> str | None:
    words = (*(coding.code for coding in concept.coding), concept.text, *(c.display for c in concept.coding))
    return next((found for word in words if word and (found := route(word))), None)


def _amount(dosage: fhir.Dosage) -> Quantity | None:
    for part in dosage.dose_and_rate:
        amount = part.dose_quantity or (part.dose_range.high if part.dose_range else None)
        if amount and amount.value is not None:
            return Quantity(amount.value, amount.code or amount.unit)
    return None


def _size(amount: Quantity | None) -> float:
    return amount.value if amount else 0.0


def _times(timing: fhir.Timing) -> float | None:
    repeat = timing.repeat
    often = repeat.frequency_max or repeat.frequency
    if often and repeat.period and repeat.period_unit in PERIODS:
        return often * PERIODS[repeat.period_unit] / repeat.period
    words = (*(coding.code for coding in timing.code.coding), timing.code.text)
    return next((found for word in words if word and (found := times_a_day(word))), None)


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
    """The ICD-10 code if there is one or one is known for its SNOMED code, else the first code; with the words."""
    if code := concept.code_in(codes.ICD10):
        return Coded("ICD-10", code.upper(), concept.words())
    if code := concept.code_in(codes.SNOMED):
        return in_icd10(Coded("SNOMED", code, concept.words()))
    first = next(iter(concept.coding), fhir.Coding())
    return Coded(first.system, first.code, concept.words())
