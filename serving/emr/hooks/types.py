"""CDS Hooks 2.0.1 requests and feedback, as much of them as is read. Members not named here are skipped."""

from typing import Any

import msgspec

from cdss.serving.emr.fhir import types as fhir_types
from cdss.serving.emr.simple.types import invalid
from cdss.serving.platform.errors import BadInput


class Struct(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A part of a request."""


class Context(Struct, frozen=True, kw_only=True):
    """What the doctor is doing. `draft_orders` and `selections` come with the order hooks.

    `medications` may stand for `draft_orders` where a pharmacist reviews what was signed.
    """

    patient_id: str
    user_id: str = ""
    encounter_id: str = ""
    draft_orders: dict[str, Any] | None = None
    medications: dict[str, Any] | None = None
    selections: list[str] | None = None


class HookRequest(Struct, frozen=True, kw_only=True):
    """A call. A prefetch key that is null means the client has none; one that is absent was not sent."""

    hook: str
    hook_instance: str
    context: Context
    fhir_server: str | None = None
    prefetch: dict[str, Any] | None = None


class ReasonCode(Struct, frozen=True, kw_only=True):
    """A coded reason."""

    code: str = ""
    system: str = ""


class OverrideReason(Struct, frozen=True, kw_only=True):
    """Why a card was overridden. 2.0.1 puts the code under `reason`."""

    reason: ReasonCode = ReasonCode()
    user_comment: str = ""


class AcceptedSuggestion(Struct, frozen=True, kw_only=True):
    """A suggestion that was taken."""

    id: str


class Feedback(Struct, frozen=True, kw_only=True):
    """What became of one card."""

    card: str
    outcome: str
    outcome_timestamp: str
    accepted_suggestions: list[AcceptedSuggestion] = []
    override_reason: OverrideReason | None = None


class FeedbackRequest(Struct, frozen=True, kw_only=True):
    """Feedback on one or more cards."""

    feedback: list[Feedback]


def read(value: Any, kind: type[Struct]) -> Any:
    """The request in a JSON value, optional members may be null; BadInput (400) names the place."""
    try:
        return _converted(value, kind)
    except msgspec.ValidationError as e:
        fault = invalid(str(e))
        raise BadInput(fault.text, status=400, code="invalid", pointer=fault.pointer) from e


def _converted(value: Any, kind: type[Struct]) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return msgspec.convert(_told(value), kind)


def _told(value: Any) -> Any:
    """A request without its null members; those in `prefetch` stay, they say that there is nothing."""
    prefetch = value.get("prefetch") if isinstance(value, dict) else None
    told = fhir_types.without_nulls(value)
    return told if prefetch is None else told | {"prefetch": prefetch}
