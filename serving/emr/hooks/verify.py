"""The CDS Hooks service `medication-verify`: a pharmacist reviews prescriptions that were signed (前置审方)."""

from typing import Any

import msgspec

from cdss.serving.emr.desk import Desk
from cdss.serving.emr.hooks.facts import refuse_no_list
from cdss.serving.emr.hooks.types import HookRequest
from cdss.serving.emr.routes import order_check
from cdss.serving.platform.language import Lang

BESIDE = "context.medications"  # stands among the prefetched


async def answer(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
    """The same check as before signing."""
    return await order_check(desk, under_review(request), lang)


def under_review(request: HookRequest) -> HookRequest:
    """The request as one before signing: the orders under review are `draftOrders`, or `medications` where none are.

    With both, what only stands in `medications` is taken beside. A signed order also stands among the active ones of
    the chart: there it is left out, it is no duplicate of itself.
    """
    drafts, signed = request.context.draft_orders, request.context.medications
    refuse_no_list(drafts, "/context/draftOrders")
    refuse_no_list(signed, "/context/medications")
    reviewed, beside = (signed, None) if not _entries(drafts) and signed is not None else (drafts, signed)
    ids = _ids(reviewed)
    prefetch = {key: _without(value, ids) for key, value in (request.prefetch or {}).items()}
    if beside is not None:
        known = {id for value in prefetch.values() if isinstance(value, dict) for id in _ids(value)}
        prefetch[BESIDE] = _without(_taken(beside), ids | known)
    context = msgspec.structs.replace(request.context, draft_orders=reviewed)
    return msgspec.structs.replace(request, context=context, prefetch=prefetch)


def _taken(bundle: dict[str, Any]) -> dict[str, Any]:
    """What is taken beside the orders under review, be it not signed yet."""
    entries = [
        {**entry, "resource": {**entry["resource"], "status": "active"}} if _is_draft(entry) else entry
        for entry in _entries(bundle)
    ]
    return {**bundle, "resourceType": "Bundle", "entry": entries}


def _is_draft(entry: Any) -> bool:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return isinstance(resource, dict) and resource.get("status") == "draft"


def _ids(bundle: dict[str, Any] | None) -> set[str]:
    return {id for entry in _entries(bundle) if (id := _medication_request(entry))}


def _without(value: Any, ids: set[str]) -> Any:
    """A prefetched bundle without the orders under review."""
    if not isinstance(value, dict) or not ids.intersection(map(_medication_request, _entries(value))):
        return value
    return {**value, "entry": [entry for entry in _entries(value) if _medication_request(entry) not in ids]}


def _entries(bundle: dict[str, Any] | None) -> list[Any]:
    entries = bundle.get("entry") if bundle else None
    return entries if isinstance(entries, list) else []


def _medication_request(entry: Any) -> str:
    """The id of the medication request in an entry; empty if it holds none."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if isinstance(resource, dict) and resource.get("resourceType") == "MedicationRequest":
        return str(resource.get("id") or "")
    return ""
