"""The medicines of a chart: what is taken, and what is being ordered."""

from collections.abc import Iterable

from cdss.rules.facts import Coded, Medication, Order
from cdss.rules.pack import Pack
from cdss.rules.terms.diagnoses import in_icd10
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert
from cdss.serving.emr.asked import dose
from cdss.serving.emr.fhir import codes
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import Chart
from cdss.serving.emr.fhir.dosage import Instruction, prescribed
from cdss.serving.emr.fhir.products import Prescription, medicine, named, reference_of
from cdss.serving.emr.order_ids import numbered


def medications(chart: Chart, pack: Pack) -> Iterable[Medication]:
    """What is taken already: active requests and statements. One that cannot be read is said, the list then partial."""
    requests = (
        (r, r.dosage_instruction) for r in chart.of(fhir.MedicationRequest) if r.status not in {*codes.GONE, "draft"}
    )
    statements = ((s, s.dosage) for s in chart.of(fhir.MedicationStatement) if s.status not in codes.GONE)
    both: list[tuple[Prescription, list[fhir.Dosage]]] = [*requests, *statements]
    for resource, dosages in both:
        if getattr(resource, "do_not_perform", False):
            continue
        told = _told(dosages, "", chart)
        if drug := medicine(resource, chart, pack, told.route):
            yield Medication(drug, told.dose, told.times, told.route, told.daily)
        else:
            chart.partial.add("MedicationRequest")
            chart.notes.add("medicine-unreadable", found=named(resource))


def orders(requests: Iterable[fhir.MedicationRequest], chart: Chart, pack: Pack) -> tuple[Order, ...]:
    """Medication requests as orders; those for no medicine yet, stopped or forbidding are left out."""
    told = list(requests)
    ids = numbered(request.id for request in told)
    return tuple(o for id, r in zip(ids, told, strict=True) if (o := _order(id, r, chart, pack)))


def _order(id: str, request: fhir.MedicationRequest, chart: Chart, pack: Pack) -> Order | None:
    if request.do_not_perform or request.status in codes.GONE:
        return None
    told = _told(request.dosage_instruction, id, chart)
    drug = medicine(request, chart, pack, told.route)
    if drug is None:
        _say_unchecked(request, id, chart)
        return None
    duration, reason = _duration(request), indication(request.reason_code)
    return Order(id, drug, told.dose, told.times, told.route, duration, reason, told.daily, told.method)


def _say_unchecked(request: fhir.MedicationRequest, id: str, chart: Chart) -> None:
    """An order without a medicine: the doctor has not chosen one yet, or it was named in a way we cannot read."""
    if what := reference_of(request):
        chart.partial.add("MedicationRequest")
        chart.notes.add("order-unreadable", (id,), found=what.reference)
    else:
        chart.notes.add("order-without-medication", (id,))


def _told(dosages: list[fhir.Dosage], order: str, chart: Chart) -> Instruction:
    """The instructions as one; what of them cannot be used is said."""
    told = prescribed(dosages)
    if told.unread:
        chart.notes.add("dosage-text", (order,) if order else ())
    dose(told.impossible, order, chart.notes)
    return told


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


def coded(concept: fhir.CodeableConcept) -> tuple[Coded, ...]:
    """The ICD-10 codes told, else the SNOMED code, else the first; the first with the words, others with their own."""
    if known := concept.codes_in(codes.ICD10):
        words = {coding.code.strip(): coding.display for coding in concept.coding}
        return tuple(
            Coded("ICD-10", code.upper(), words[code] if number else concept.words())
            for number, code in enumerate(known)
        )
    if code := concept.code_in(codes.SNOMED):
        return (Coded("SNOMED", code, concept.words()),)
    first = next(iter(concept.coding), fhir.Coding())
    return (Coded(first.system, first.code, concept.words()),)


def indication(reasons: Iterable[fhir.CodeableConcept]) -> Coded | None:
    """What it is ordered for: the first reason known by ICD-10, else the first; None if none is told."""
    told = [in_icd10(one) for concept in reasons for one in coded(concept)]
    return next((one for one in told if one.system == "ICD-10"), next(iter(told), None))
