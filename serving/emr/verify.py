"""The CDS Hooks service `medication-verify`: a pharmacist reviews prescriptions that were signed (前置审方)."""

from typing import Any

import msgspec

from cdss.serving.emr.desk import Desk
from cdss.serving.emr.hook_types import HookRequest
from cdss.serving.emr.routes import order_check
from cdss.serving.platform.language import Lang


async def answer(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
    """The same check as before signing. Orders under review may come as `medications` or as `draftOrders`.

    A signed order also stands among the active ones of the chart: there it is left out, it is no duplicate of itself.
    """
    context = request.context
    under_review = context.draft_orders if context.draft_orders is not None else context.medications
    ids = _ids(under_review)
    prefetch = {key: _without(value, ids) for key, value in request.prefetch.items()}
    asked = msgspec.structs.replace(context, draft_orders=under_review)
    return await order_check(desk, msgspec.structs.replace(request, context=asked, prefetch=prefetch), lang)


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
