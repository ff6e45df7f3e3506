"""HTTP for those who order: CDS Hooks services and the simple order."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.serving.emr import records, says
from cdss.serving.emr.desk import Desk, since
from cdss.serving.emr.hooks import cards, services
from cdss.serving.emr.hooks import facts as hook_facts
from cdss.serving.emr.hooks.list_cards import minor_card, repeat_card, tiered
from cdss.serving.emr.hooks.types import Feedback, FeedbackRequest, HookRequest, read
from cdss.serving.emr.simple import answer as simple_answer
from cdss.serving.emr.simple.check import simple_check
from cdss.serving.platform.audit import entry
from cdss.serving.platform.http import fhir_api, json_api, json_body, language
from cdss.serving.platform.language import Lang

HookService = Callable[[Desk, HookRequest, Lang], Awaitable[dict[str, Any]]]


def routes(cors_origins: list[str]) -> list[BaseRoute]:
    """The routes; they find the `Desk` and the hook services of other neighbours in the app's state."""
    cors = [Middleware(CORSMiddleware, allow_origins=cors_origins, allow_methods=["GET", "POST"], allow_headers=["*"])]
    return [
        Route("/cds-services", fhir_api(discovery), methods=["GET", "OPTIONS"], middleware=cors),
        Route("/cds-services/{id}", fhir_api(call), methods=["POST", "OPTIONS"], middleware=cors),
        Route("/cds-services/{id}/feedback", fhir_api(feedback), methods=["POST", "OPTIONS"], middleware=cors),
        Route("/api/v1/orders/check", json_api(check), methods=["POST"]),
    ]


async def check(request: Request) -> Response:
    """POST /api/v1/orders/check."""
    started = time.perf_counter()
    desk: Desk = request.app.state.desk
    value = await json_body(request)
    return _json(simple_check(desk, value, language(request, desk.lang), started))


async def discovery(request: Request) -> Response:
    """GET /cds-services."""
    return _json(services.discovery(language(request, request.app.state.desk.lang)))


async def call(request: Request) -> Response:
    """POST /cds-services/{id}."""
    desk: Desk = request.app.state.desk
    service = _service(request)
    value = read(await json_body(request), HookRequest)
    if value.hook != service.hook:
        raise says.refusal("wrong-hook", "/hook", status=400, expected=service.hook)
    answer: HookService = request.app.state.hook_services.get(service.id, order_check)
    return _json(await answer(desk, value, language(request, desk.lang)))


async def order_check(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
    """The cards of order-select and order-sign."""
    started = time.perf_counter()
    if request.context.draft_orders is None:
        raise says.refusal("no-draft-orders", "/context/draftOrders", status=400)
    asked = hook_facts.asked(request, desk.pack, desk.clock())
    shown = cards.about(desk.review(asked), hook_facts.selected(request, asked))
    named = list(cards.uuids(shown, request.hook_instance, request.hook))
    split = desk.encounters.split(
        (request.context.patient_id, request.context.encounter_id),
        shown,
        {uuid: simple_answer.alert_id(alert) for uuid, alert in named},
    )
    weighty, minor = tiered(split.fresh)
    answer = cards.cards(weighty, request.hook_instance, request.hook, lang, request.context.patient_id)
    if minor:
        answer.append(minor_card(minor, request.hook_instance, request.hook, lang))
    if split.again:
        answer.append(repeat_card(split.again, request.hook_instance, lang))
    desk.record(asked.facts.patient.id, shown, request.hook, since(started), records.card_rows(named, request.hook))
    return {"cards": answer}


async def feedback(request: Request) -> Response:
    """POST /cds-services/{id}/feedback: stored behind; the same feedback again is no error."""
    desk: Desk = request.app.state.desk
    service = _service(request)
    said: FeedbackRequest = read(await json_body(request), FeedbackRequest)
    for number, one in enumerate(said.feedback):
        _refuse_unclear(one, f"/feedback/{number}")
    rows = [records.feedback_row(one, service.id) for one in said.feedback]
    for row in rows:
        if row["outcome"] == "overridden":
            desk.encounters.overridden(row["card"], row["reason_code"] or row["comment"] or "-")
    outcomes = {"n": len(rows), "overridden": sum(row["outcome"] == "overridden" for row in rows)}
    desk.behind.put({"audit": entry(f"feedback {service.id}", "emr", "", "stored", outcomes), "feedback": rows})
    return Response(status_code=200)


def _refuse_unclear(said: Feedback, pointer: str) -> None:
    """cds-fb-2: accepted names the suggestions that were accepted."""
    if said.outcome not in ("accepted", "overridden"):
        raise says.refusal("outcome-unknown", f"{pointer}/outcome", status=400)
    if said.outcome == "accepted" and not said.accepted_suggestions:
        raise says.refusal("accepted-without-suggestions", f"{pointer}/acceptedSuggestions", status=400)


def _service(request: Request) -> services.Service:
    service = services.BY_ID.get(request.path_params["id"])
    if service is None:
        raise says.refusal("no-such-service", "", status=404)
    return service


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
