"""A CDS Hooks request as the engine's facts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from cdss.rules.facts import Facts
from cdss.rules.pack import Pack
from cdss.serving.emr import says
from cdss.serving.emr.asked import Asked, Notes
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import ANY, Chart, bare_id
from cdss.serving.emr.fhir.medicines import orders
from cdss.serving.emr.fhir.patient import patient
from cdss.serving.emr.hooks.services import HOLDS
from cdss.serving.emr.hooks.types import HookRequest
from cdss.serving.emr.patient.derived import derived

MOST_ENTRIES = 2000


def asked(request: HookRequest, pack: Pack, today: date) -> Asked:
    """The facts of a call: the draft orders against the prefetched chart."""
    notes = Notes()
    chart, told = prefetched(request, notes)
    drafts = drafted(request, chart).of(fhir.MedicationRequest)
    _replace(drafts, chart)
    ordered = orders(drafts, chart, pack)
    person = derived(patient(chart, pack, today, told), today)
    chart.close()
    return Asked(Facts(person, ordered, today), notes)


def _replace(drafts: list[fhir.MedicationRequest], chart: Chart) -> None:
    """Prescriptions that a draft changes (the same id) or follows (priorPrescription) are taken no longer."""
    over = {draft.id for draft in drafts} | {bare_id(draft.prior_prescription.reference) for draft in drafts}
    kept: list[fhir.Struct] = [one for one in chart.of(fhir.MedicationRequest) if not one.id or one.id not in over]
    chart.resources[fhir.MedicationRequest] = kept


def bundle_asked(bundle: dict[str, Any], pack: Pack, today: date) -> Asked:
    """The facts of a plain bundle: its draft requests are the orders, or all its active ones if none is a draft.

    Nobody said what it holds all of: a list of which it has nothing was not told.
    """
    notes = Notes()
    chart = Chart(_patient_of(bundle), notes)
    chart.partial |= chart.add(bundle, "Bundle")
    requests = chart.of(fhir.MedicationRequest)
    drafts = [request for request in requests if request.status == "draft"]
    if not drafts:
        chart.resources[fhir.MedicationRequest] = []
    ordered = orders(drafts or requests, chart, pack)
    facts = Facts(derived(patient(chart, pack, today, set()), today), ordered, today)
    chart.close()
    if not facts.orders:
        raise says.refusal("no-orders", "/entry")
    return Asked(facts, notes)


def selected(request: HookRequest, asked: Asked) -> frozenset[str] | None:
    """Ids of the orders the doctor has just selected; None where the hook does not say or names none of them."""
    if request.context.selections is None:
        return None
    chosen = {bare_id(reference) for reference in request.context.selections}
    found = frozenset(order.id for order in asked.facts.orders if order.id in chosen)
    return found or None


def prefetched(request: HookRequest, notes: Notes) -> tuple[Chart, set[str]]:
    """The prefetched resources, and the kinds of which the client said that these are all, or that there are none."""
    chart = Chart(bare_id(request.context.patient_id), notes)
    told: set[str] = set()
    for key, value in (request.prefetch or {}).items():
        _refuse_too_many(value, f"/prefetch/{key}")
        lost = set() if value is None else chart.add(value, key)
        if lost:
            chart.partial |= lost - {ANY} | {HOLDS.get(key, key)}
        elif key in HOLDS and (value is None or value["resourceType"] == "Bundle"):
            told.add(HOLDS[key])
    return chart, told


def drafted(request: HookRequest, chart: Chart) -> Chart:
    """The draft orders and what came with them; each service reads those that are its business."""
    bundle = request.context.draft_orders or {}
    refuse_no_list(bundle, "/context/draftOrders")
    _refuse_too_many(bundle, "/context/draftOrders")
    drafts = Chart(chart.patient, chart.notes)
    drafts.partial |= drafts.add({**bundle, "resourceType": "Bundle"}, "draftOrders")
    if drafts.partial & {"MedicationRequest", ANY}:
        chart.partial.add("MedicationRequest")  # what is ordered beside is not wholly known
    chart.by_address |= drafts.by_address
    chart.strangers += drafts.strangers
    return drafts


def refuse_no_list(bundle: dict[str, Any] | None, pointer: str) -> None:
    """BadInput (400) for orders whose `entry` is no list: none of them could be read."""
    if bundle and not isinstance(bundle.get("entry"), list | None):
        raise says.refusal("entry-not-a-list", f"{pointer}/entry", status=400)


def _refuse_too_many(value: Any, pointer: str) -> None:
    entries = value.get("entry") if isinstance(value, dict) else None
    if isinstance(entries, list) and len(entries) > MOST_ENTRIES:
        raise says.refusal("too-many-entries", pointer, found=len(entries), limit=MOST_ENTRIES)


def _patient_of(bundle: dict[str, Any]) -> str:
    """The id of the first patient in a bundle."""
    for entry in _entries(bundle):
        resource = entry.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
            return str(resource.get("id", ""))
    return ""


def _entries(bundle: dict[str, Any]) -> Iterable[dict[str, Any]]:
    entries = bundle.get("entry")
    return (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()
