"""An imaging order as the engine's facts."""

from collections.abc import Iterator
from datetime import date

import msgspec

from cdss.rules.facts import Facts, Given
from cdss.serving.emr.fhir import care as fhir_care
from cdss.serving.emr.fhir.chart import Chart
from cdss.serving.emr.fhir.days import read_day
from cdss.serving.emr.fhir.types import CodeableConcept
from cdss.serving.emr.imaging.findings import findings, symptom_days
from cdss.serving.emr.imaging.orders import MODALITIES, REGIONS, SIDES, ImagingOrder, found

IODINATED, GADOLINIUM = frozenset({"CT", "XR"}), frozenset({"MR"})
NOT_MADE = frozenset({"entered-in-error", "cancelled", "revoked", "draft"})


def imaging_facts(order: ImagingOrder, person: Facts, chart: Chart, told: set[str]) -> Facts:
    """The facts of one order; `person` holds the patient and the day, `told` the kinds of data the client sent."""
    so = findings(order, chart, person.patient.conditions, person.day)
    given = {name: Given(value) for name, value in so.items()}
    given |= {"modality": Given(order.modality)} if order.modality else {}
    given |= {"region": Given(order.regions[0])} if order.regions else {}
    given |= _contrast(order)
    if order.pelvis_in_field is not None:
        given["pelvis_in_field"] = Given(order.pelvis_in_field)
    if (days := symptom_days(order)) is not None:
        given["symptom_days"] = Given(days, "d")
    if "imaging" in told:
        given["imaging"] = Given(True)
    if (days := _days_since_the_same(order, chart, person.day)) is not None:
        given["same_study_days"] = Given(days, "d")
    return msgspec.structs.replace(person, event="imaging", given=given)


def _contrast(order: ImagingOrder) -> dict[str, Given]:
    """Which contrast is to be given; nothing where the order does not say whether any is."""
    if not order.modality:
        return {}
    names = {"iodinated_contrast": IODINATED, "gadolinium_contrast": GADOLINIUM}
    return {
        name: Given(bool(order.contrast) and order.modality in modalities)
        for name, modalities in names.items()
        if order.contrast is not None or order.modality not in modalities
    }


def _days_since_the_same(order: ImagingOrder, chart: Chart, today: date) -> float | None:
    """Days since the latest study of the same kind and region; None if there was none, or none can be compared."""
    same = [
        day
        for modalities, regions, sides, day in _studies(chart, today)
        if day <= today
        and order.modality in modalities
        and set(order.regions) & set(regions)
        and (not order.side or not sides or order.side in sides or "both" in {order.side, *sides})
    ]
    return float((today - max(same)).days) if same else None


Study = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], date]


def _studies(chart: Chart, today: date) -> Iterator[Study]:
    """Modalities, regions, sides and day of each earlier study, and of each that was ordered before."""
    for study in chart.of(fhir_care.ImagingStudy):
        concepts = [
            *study.procedure_code,
            CodeableConcept(text=study.description),
            CodeableConcept(coding=list(study.modality)),
        ]
        yield from _study(study.status, concepts, study.started, today)
    for request in chart.of(fhir_care.ServiceRequest):
        concepts = [request.code, *request.order_detail, *request.body_site]
        yield from _study(request.status, concepts, request.occurrence_date_time or request.authored_on, today)


def _study(status: str, concepts: list[CodeableConcept], when: str, today: date) -> Iterator[Study]:
    day = read_day(when, today)
    if day and status not in NOT_MADE:
        yield found(MODALITIES, concepts), found(REGIONS, concepts), found(SIDES, concepts), day
