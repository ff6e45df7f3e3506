"""HTTP for the worklist: residents as last assessed, the doctor's week, what was done with an item of advice."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.platform.audit import entry as audited
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import json_api, json_body, language
from cdss.serving.population.output.listed import Ward, listed, whole
from cdss.serving.population.outreach import remember as reminders
from cdss.serving.population.worklist import asked, listing, store
from cdss.serving.population.worklist import week as weeks
from cdss.serving.population.worklist.agenda import Handled
from cdss.serving.population.worklist.listing import Listing, Query
from cdss.serving.population.worklist.store import Entry
from cdss.serving.population.worklist.week import Week

NO_RESIDENT = Text("名单上没有这位居民。", "found no such resident on the worklist")
NO_ADVICE = Text("这位居民没有这条建议。", "found no such advice for this resident")
ELSEWHERE = Text("拒绝来自其他网站的请求。", "refused: the request came from another site")


def routes() -> list[BaseRoute]:
    """The routes; they find the engine, the knowledge and the models in the app's state. An id may have a slash."""
    item = "/api/v1/residents/{id:path}/advices/{rule:path}/handled"
    return [
        Route("/api/v1/residents", json_api(residents), methods=["GET"]),
        Route(item, json_api(handle), methods=["POST"]),
        Route(item, json_api(reopen), methods=["DELETE"]),
        Route("/api/v1/residents/{id:path}", json_api(resident), methods=["GET"]),
    ]


async def residents(request: Request) -> Response:
    """GET /api/v1/residents: the worklist, most urgent first; filters as in `listing.Query`, limit, offset.

    With ?week=1 what fits into the week, ?capacity= residents a doctor, and why each is there.
    """
    state, params = request.app.state, request.query_params
    found, week = await run_in_threadpool(page, state, params, 50)
    lang = language(request, state.settings.lang)
    ward = ward_of(state)
    shown = [listed(one, ward, lang) | _place(one, week) for one in found.entries]
    return _json({"residents": shown, "total": found.total, "counts": found.counts} | _week(week))


async def resident(request: Request) -> Response:
    """GET /api/v1/residents/{id}: one resident, with trends and targets."""
    state, id = request.app.state, request.path_params["id"]
    found, visits = await run_in_threadpool(one, state.engine, id)
    if found is None:
        raise BadInput(NO_RESIDENT, status=404, code="no-such-resident")
    return _json(whole(found, visits, ward_of(state), language(request, state.settings.lang)))


async def handle(request: Request) -> Response:
    """POST .../advices/{rule}/handled: {"as": "done|seen|unsuitable", "note": "", "by": ""}."""
    refuse_other_sites(request)
    return await _marked(request, asked.handled(await json_body(request)))


async def reopen(request: Request) -> Response:
    """DELETE .../advices/{rule}/handled: the item is open again."""
    refuse_other_sites(request)
    return await _marked(request, None)


async def _marked(request: Request, handled: Handled | None) -> Response:
    state = request.app.state
    found = await run_in_threadpool(mark, state, request.path_params["id"], request.path_params["rule"], handled)
    return _json(listed(found, ward_of(state), language(request, state.settings.lang)))


def refuse_other_sites(request: Request) -> None:
    """A page of another site may not have its visitors change anything. BadInput."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise BadInput(ELSEWHERE, status=403, code="other-site")


def mark(state: Any, id: str, rule: str, handled: Handled | None) -> Entry:
    """Mark an item of advice as handled, or open again, and record who did. BadInput if there is none."""
    with state.engine.begin() as connection:
        found = store.handle(connection, id, rule, handled)
        if found:
            reminders.handled(connection, id, rule, handled.how if handled else None, datetime.now(UTC), state.settings)
    if found is None:
        raise BadInput(NO_ADVICE, status=404, code="no-such-advice")
    outcome = handled.how if handled else "reopened"
    detail = {"rule": rule, "by": handled.by if handled else "doctor"}
    state.behind.put({"audit": audited("advice handled", "doctor", state.pseudonyms.of(id), outcome, detail)})
    return found


def page(state: Any, params: Any, shown: int) -> tuple[Listing, Week | None]:
    """The page of the list that the parameters ask for. BadInput names the one that cannot be used."""
    query: Query = asked.query(params)
    limit = asked.number(params, "limit", shown, 1, asked.MOST_SHOWN)
    offset = asked.number(params, "offset", 0, 0, 10**9 - 1)
    capacity = asked.number(params, "capacity", state.settings.weekly_capacity, 1, asked.MOST_CAPACITY)
    today = state.desk.clock()
    with state.engine.connect() as connection:
        if asked.number(params, "week", 0, 0, 1):
            return weeks.week(connection, query, today, capacity, limit, offset)
        return listing.page(connection, query, today, limit, offset), None


def one(engine: Any, id: str) -> tuple[Entry | None, list[store.Visit]]:
    """One resident, and what was measured over time."""
    with engine.connect() as connection:
        found = store.one(connection, id)
        return found, store.visits(connection, id) if found else []


def ward_of(state: Any) -> Ward:
    """What the words need; no titles while the models are not available."""
    titles = state.clinic.risks.titles if state.clinic else {}
    return Ward(state.desk.pack, titles, state.desk.clock())


def _place(entry: Entry, week: Week | None) -> dict[str, Any]:
    id = entry.assessment.id
    return {"place": week.places[id], "because": week.reasons[id]} if week else {}


def _week(week: Week | None) -> dict[str, Any]:
    """The capacity, and for how many of the urgent it is too small, by doctor."""
    return {"capacity": week.capacity, "left_out": week.left_out} if week else {}


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
