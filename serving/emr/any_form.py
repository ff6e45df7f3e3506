"""A request in any of the forms an order check takes: hook request, FHIR bundle, simple order."""

from typing import Any

from cdss.rules.pack import Pack
from cdss.serving.emr import says
from cdss.serving.emr.asked import Asked
from cdss.serving.emr.desk import today
from cdss.serving.emr.hooks import facts as hook_facts
from cdss.serving.emr.hooks.types import HookRequest, read
from cdss.serving.emr.hooks.verify import under_review
from cdss.serving.emr.simple import facts as simple_facts
from cdss.serving.emr.simple import types as simple


def asked(value: Any, pack: Pack) -> Asked:
    """The facts of a request, whatever its form. BadInput if it is none of them."""
    if isinstance(value, dict) and "hook" in value:
        request = read(value, HookRequest)
        reviewed = under_review(request) if request.hook == "medication-verify" else request
        return hook_facts.asked(reviewed, pack, today())
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        return hook_facts.bundle_asked(value, pack, today())
    if isinstance(value, dict) and ("orders" in value or "patient" in value):
        return simple_facts.asked(simple.request(value), simple.unknown_members(value), pack, today())
    raise says.refusal("no-known-form", "/")
