"""The CDS Hooks service `imaging-order`: whether an imaging order is appropriate, and safe."""

import time
from typing import Any

import msgspec

from cdss.rules.engine import Review, Unmapped
from cdss.rules.facts import Facts, Medication
from cdss.serving.emr import records, says
from cdss.serving.emr.asked import Asked, Notes
from cdss.serving.emr.desk import Desk, since
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import ANY, Chart
from cdss.serving.emr.fhir.medicines import orders
from cdss.serving.emr.fhir.patient import patient
from cdss.serving.emr.hooks import facts as hook_facts
from cdss.serving.emr.hooks.cards import uuids
from cdss.serving.emr.hooks.types import HookRequest
from cdss.serving.emr.imaging.cards import cards, system_actions
from cdss.serving.emr.imaging.facts import imaging_facts
from cdss.serving.emr.imaging.orders import ImagingOrder, imaging_orders
from cdss.serving.emr.patient.derived import derived
from cdss.serving.platform.language import Lang

SERVICE = "imaging-order"


async def answer(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
    """Cards, and a rating of each imaging order as a system action; nothing where no imaging is ordered."""
    started = time.perf_counter()
    if request.context.draft_orders is None:
        raise says.refusal("no-draft-orders", "/context/draftOrders", status=400)
    notes = Notes()
    chart, told = hook_facts.prefetched(request, notes)
    drafts = hook_facts.drafted(request, chart)
    wanted = list(imaging_orders(drafts))
    if not wanted and not drafts.partial & {"ServiceRequest", ANY}:
        return {"cards": []}
    person = _person(desk, chart, drafts, told)
    reviews = [_reviewed(desk, order, person, chart, told) for order in wanted] or [desk.review(Asked(person, Notes()))]
    review = _together(reviews, notes)
    rows = records.card_rows(uuids(review, request.hook_instance, SERVICE), SERVICE)
    desk.record(person.patient.id, review, SERVICE, since(started), rows)
    actions = system_actions(wanted, reviews, lang)
    found = {"cards": cards(review, wanted, request.hook_instance, lang)}
    return found | ({"systemActions": actions} if actions else {})


def _person(desk: Desk, chart: Chart, drafts: Chart, told: set[str]) -> Facts:
    """The patient, with the medicines being ordered beside as if they were taken; examinations among the drafts too."""
    today = desk.clock()
    known = derived(patient(chart, desk.pack, today, told), today)
    drafted = tuple(
        Medication(order.drug, order.dose, order.times_a_day, order.route)
        for order in orders(drafts.of(fhir.MedicationRequest), chart, desk.pack)
    )
    for seen in drafts.of(fhir.Observation):
        chart.resources.setdefault(fhir.Observation, []).append(seen)
    chart.close()
    taken = known.medications
    both = known if not drafted else msgspec.structs.replace(known, medications=(*(taken or ()), *drafted))
    return Facts(both, (), today)


def _reviewed(desk: Desk, order: ImagingOrder, person: Facts, chart: Chart, told: set[str]) -> Review:
    """The review of one order, everything in it marked as about that order; what a rule said aloud is not unknown."""
    review = desk.review(Asked(imaging_facts(order, person, chart, told), Notes()))
    about, said = (order.id,), {alert.rule for alert in review.alerts}
    unmapped = () if order.modality else (Unmapped("order", order.id, order.words),)
    return msgspec.structs.replace(
        review,
        alerts=tuple(a if a.kind == "data" else msgspec.structs.replace(a, orders=about) for a in review.alerts),
        unknown=tuple(msgspec.structs.replace(one, orders=about) for one in review.unknown if one.rule not in said),
        unmapped=(*review.unmapped, *unmapped),
    )


def _together(reviews: list[Review], notes: Notes) -> Review:
    """One review of all orders; what is about the patient or the data is said once."""
    return msgspec.structs.replace(
        reviews[0],
        alerts=(*dict.fromkeys(alert for review in reviews for alert in review.alerts), *notes.alerts),
        unknown=tuple(unknown for review in reviews for unknown in review.unknown),
        unmapped=tuple(dict.fromkeys(unmapped for review in reviews for unmapped in review.unmapped)),
        failures=tuple(dict.fromkeys(failure for review in reviews for failure in review.failures)),
    )
