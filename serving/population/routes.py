"""HTTP for family doctors: the risk of residents, and the worklist."""

from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.platform.audit import entry
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import json_api, json_body, language
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.intake.headers import sources_of
from cdss.serving.population.output.told import told
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.scoring.clinic import Clinic
from cdss.serving.population.worklist import store

MOST_RESIDENTS, MOST_SHOWN = 10_000, 500
NOT_RESIDENTS = Text(
    "应为一位居民（对象）或居民列表；列名见 README。",
    "expected one resident (an object) or a list of them; the README names the columns",
)
TOO_MANY = Text(
    f"一次最多 {MOST_RESIDENTS} 人；更多请用 cdss score。",
    f"at most {MOST_RESIDENTS} residents at once; use `cdss score` for more",
)
NOT_AVAILABLE = Text(
    "风险模型不可用；请运行 cdss model verify。医嘱核对不受影响。",
    "the risk models are not available; run `cdss model verify`. Order checks are not affected.",
)
NO_RESIDENT = Text("名单上没有这位居民。", "found no such resident on the worklist")
BAD_PAGE = Text(f"limit 应为 1 至 {MOST_SHOWN}。", f"expected limit from 1 to {MOST_SHOWN}, offset from 0")


def routes() -> list[BaseRoute]:
    """The routes; they find the `Clinic` in the app's state."""
    return [
        Route("/api/v1/risk", json_api(risk), methods=["POST"]),
        Route("/api/v1/residents", json_api(residents), methods=["GET"]),
        Route("/api/v1/residents/{id}", json_api(resident), methods=["GET"]),
    ]


async def risk(request: Request) -> Response:
    """POST /api/v1/risk: one resident or a list; with ?worklist=true they are put on the worklist."""
    state = request.app.state
    if state.clinic is None:
        raise BadInput(NOT_AVAILABLE, status=503, code="models-not-available")
    rows = _rows(await json_body(request))
    assessments = await run_in_threadpool(_assessed, state.clinic, rows)
    if request.query_params.get("worklist") == "true":
        await run_in_threadpool(_keep, state.engine, assessments)
    detail = {"residents": len(rows), "knowledge": state.clinic.pack.digest}
    state.behind.put({"audit": entry("risk", "doctor", "", "answered", detail)})
    lang = language(request, state.settings.lang)
    unread = [name for name in sorted({name for row in rows for name in row}) if not sources_of([name])]
    return _json({"residents": [told(assessment, lang) for assessment in assessments], "unread": unread})


async def residents(request: Request) -> Response:
    """GET /api/v1/residents?village=&doctor=&tier=&limit=&offset=: the worklist, most urgent first."""
    query, state = request.query_params, request.app.state
    limit, offset = _number(query.get("limit", "50")), _number(query.get("offset", "0"))
    if not 1 <= limit <= MOST_SHOWN:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    chosen = {name: query.get(name, "") for name in ("village", "doctor", "tier")}
    found, total = await run_in_threadpool(_page, state.engine, limit, offset, chosen)
    lang = language(request, state.settings.lang)
    return _json({"residents": [told(assessment, lang) for assessment in found], "total": total})


async def resident(request: Request) -> Response:
    """GET /api/v1/residents/{id}."""
    state = request.app.state
    found = await run_in_threadpool(_one, state.engine, request.path_params["id"])
    if found is None:
        raise BadInput(NO_RESIDENT, status=404, code="no-such-resident")
    return _json(told(found, language(request, state.settings.lang)))


def _rows(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else [value]
    if not rows or not all(isinstance(row, dict) and row for row in rows):
        raise BadInput(NOT_RESIDENTS, code="not-residents", pointer="/")
    if len(rows) > MOST_RESIDENTS:
        raise BadInput(TOO_MANY, status=413, code="too-many-residents")
    return [{"id": str(number), **row} for number, row in enumerate(rows, start=1)]


def _assessed(clinic: Clinic, rows: list[dict[str, Any]]) -> list[Assessment]:
    try:
        return clinic.assess(rows)
    except TableError as e:
        raise BadInput(Text(str(e), str(e)), code="bad-column", pointer="/") from e


def _keep(engine: Any, assessments: list[Assessment]) -> None:
    with engine.begin() as connection:
        store.keep(connection, assessments)


def _page(engine: Any, limit: int, offset: int, chosen: dict[str, str]) -> tuple[list[Assessment], int]:
    with engine.connect() as connection:
        return store.page(connection, limit, offset, chosen["village"], chosen["doctor"], chosen["tier"])


def _one(engine: Any, id: str) -> Assessment | None:
    with engine.connect() as connection:
        return store.one(connection, id)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    return int(text)


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
