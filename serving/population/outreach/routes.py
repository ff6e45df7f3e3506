"""HTTP: who wants no texts, which letters are on their way, and what is told in FHIR R4."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.platform import audit
from cdss.serving.platform.audit import entry
from cdss.serving.platform.errors import FHIR, BadInput
from cdss.serving.platform.http import Handler, fhir_api, json_api, language
from cdss.serving.population.outreach import optout
from cdss.serving.population.outreach.core.texts import read
from cdss.serving.population.outreach.fhir import search
from cdss.serving.population.outreach.fhir.bundle import searchset
from cdss.serving.population.outreach.fhir.search import Asked, Page, Search, Told
from cdss.serving.population.outreach.fhir.words import Resource
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.outreach.site import zone_of

One = Callable[[sa.Connection, str, Told], Resource | None]
KINDS: dict[str, tuple[Search, One]] = {
    "RiskAssessment": (search.risk_assessments, search.risk_assessment),
    "Flag": (search.flags, search.flag),
    "Task": (search.tasks, search.task),
    "CommunicationRequest": (search.communications, search.communication),
}
SUBJECT = ("patient", "subject", "patient:identifier", "subject:identifier")  # all mean the resident's id
MOST, USUAL = 200, 50
ID = re.compile(r"[A-Za-z0-9.~-]{0,64}")
STATES = ("queued", "held", "sent", "failed", "cancelled")
BAD_PAGE = Text(f"应为 1 至 {MOST} 的整数；下一页请用 next 链接。", f"expected 1 to {MOST}; go on with the link `next`")
NOT_THERE = Text("没有这一资源。", "found no such resource")
BAD_ID = Text("居民编号应为 1 至 64 个可见字符。", "expected a resident's id of 1 to 64 visible characters")
BAD_STATE = Text(f"state 应为 {'、'.join(STATES)} 之一。", f"expected one of the states {', '.join(STATES)}")
NOT_FAILED = Text("没有这样一条发送失败的提醒。", "found no reminder of that id that failed to go out")


def routes() -> list[BaseRoute]:
    """The routes; they find settings and engine in the app's state."""
    resources = [
        Route(f"/fhir/{kind}{tail}", fhir_api(answer), methods=["GET"])
        for kind, (many, one) in KINDS.items()
        for tail, answer in (("", _searching(kind, many)), ("/{id}", _reading(kind, one)))
    ]
    return [
        *resources,
        Route("/api/v1/residents/{id:path}/opt-out", json_api(opt_out), methods=["PUT", "DELETE"]),
        Route("/api/v1/reminders", json_api(reminders), methods=["GET"]),
        Route("/api/v1/reminders/{id}/retry", json_api(retry), methods=["POST"]),
    ]


async def opt_out(request: Request) -> Response:
    """PUT: the resident wants no texts. DELETE: wants them again. Known or not, the answer is the same."""
    resident_id = _resident(request.path_params["id"])
    change = optout.put if request.method == "PUT" else optout.take_back
    changed = await run_in_threadpool(_write, request, lambda c: change(c, resident_id, "api", _names(request)))
    return _json({"id": resident_id, "opted_out": request.method == "PUT", "changed": changed})


async def reminders(request: Request) -> Response:
    """GET /api/v1/reminders?state=&resident=&limit=&offset=: letters, last changed first."""
    query = request.query_params
    limit, offset = _number(query.get("limit", str(USUAL))), _number(query.get("offset", "0"))
    state, resident_id = query.get("state", ""), query.get("resident", "")
    if state and state not in STATES:
        raise BadInput(BAD_STATE, status=400, code="bad-state")
    if not 1 <= limit <= MOST:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    wanted = _resident(resident_id) if resident_id else ""
    found, total = await run_in_threadpool(
        _read, request, lambda connection: outbox.listed(connection, limit, offset, state, wanted)
    )
    return _json({"reminders": found, "total": total})


async def retry(request: Request) -> Response:
    """POST /api/v1/reminders/{id}/retry: send again what failed."""
    letter_id = _id(request.path_params["id"])
    again = await run_in_threadpool(_write, request, lambda connection: _retry(connection, request, letter_id))
    if not again:
        raise BadInput(NOT_FAILED, status=409, code="nothing-to-retry")
    return _json({"reminders": len(again)}, 202)


def _retry(connection: sa.Connection, request: Request, letter_id: str) -> list[tuple[str, str]]:
    again = outbox.retry(connection, datetime.now(UTC), letter_id)
    audit.append(connection, [entry("reminder", "api", _names(request).of(one), "retried", {}) for one, _ in again])
    return again


def _searching(kind: str, many: Search) -> Handler:
    """GET /fhir/{kind}?patient=&status=&_count=."""

    async def answer(request: Request) -> Response:
        asked, used = _asked(request, kind)
        page: Page = await run_in_threadpool(_read, request, lambda connection: many(connection, asked, _told(request)))
        _audit(request, kind, asked.resident_id, len(page.found))
        return _fhir(searchset(f"{request.base_url}fhir/", kind, page.found, page.total, used, page.after))

    return answer


def _reading(kind: str, one: One) -> Handler:
    """GET /fhir/{kind}/{id}."""

    async def answer(request: Request) -> Response:
        id = _id(request.path_params["id"])
        found = await run_in_threadpool(_read, request, lambda connection: one(connection, id, _told(request)))
        if found is None:
            raise BadInput(NOT_THERE, status=404, code="not-found")
        of = found.get("subject") or found.get("for") or {}
        _audit(request, kind, of["identifier"]["value"], 1)
        return _fhir(found)

    return answer


def _asked(request: Request, kind: str) -> tuple[Asked, dict[str, str]]:
    """The search, and the parameters of it that were used: what is not among them was not looked at."""
    query = request.query_params
    named = next(((name, query[name]) for name in SUBJECT if name in query), None)
    count = _number(query.get("_count", str(USUAL)))
    if count < 1:
        raise BadInput(BAD_PAGE, status=400, code="bad-page", pointer="_count")
    asked = Asked(
        resident_id=_resident(named[1].rpartition("|")[2].removeprefix("Patient/")) if named else "",
        status=tuple(part for part in query.get("status", "").split(",") if part) if kind != "RiskAssessment" else (),
        after=_id(query.get("_after", "")),
        count=min(count, MOST),
    )
    used = {"_count": str(asked.count)}
    used |= {named[0]: named[1]} if named else {}
    used |= {"status": ",".join(asked.status)} if asked.status else {}
    return asked, used | ({"lang": query["lang"]} if "lang" in query else {})


def _told(request: Request) -> Told:
    settings = request.app.state.settings
    today = datetime.now(UTC).astimezone(zone_of(settings)).date()
    return Told(read(settings.outreach_texts), language(request, settings.lang), today)


def _audit(request: Request, kind: str, resident_id: str, count: int) -> None:
    detail = {"kind": kind, "count": count}
    told = entry("read fhir", "api", _names(request).of(resident_id), "answered", detail)
    request.app.state.behind.put({"audit": told})


def _read(request: Request, question: Callable[[sa.Connection], Any]) -> Any:
    with request.app.state.engine.connect() as connection:
        return question(connection)


def _write(request: Request, change: Callable[[sa.Connection], Any]) -> Any:
    with request.app.state.engine.begin() as connection:
        return change(connection)


def _names(request: Request) -> audit.Pseudonymiser:
    names: audit.Pseudonymiser = request.app.state.pseudonyms
    return names


def _resident(text: str) -> str:
    if not optout.is_id(text):
        raise BadInput(BAD_ID, status=400, code="bad-id")
    return text


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise BadInput(NOT_THERE, status=404, code="not-found")
    return text


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    return int(text)


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _fhir(body: Resource) -> Response:
    return Response(msgspec.json.encode(body), media_type=FHIR)
