"""HTTP for family doctors: the risk of residents."""

from dataclasses import replace
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.platform.audit import entry
from cdss.serving.platform.config import Settings
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import json_api, json_body, language
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.intake.headers import sources_of
from cdss.serving.population.output.told import told
from cdss.serving.population.run import keeping
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.scoring.clinic import Clinic
from cdss.serving.population.worklist import asked
from cdss.serving.population.worklist import routes as worklist

MOST_RESIDENTS = 10_000
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


def routes() -> list[BaseRoute]:
    """The routes; they find the `Clinic` in the app's state."""
    return [
        Route("/api/v1/risk", json_api(risk), methods=["POST"]),
        *worklist.routes(),
    ]


async def risk(request: Request) -> Response:
    """POST /api/v1/risk: one resident or a list; with ?worklist=true they are put on the worklist.

    With ?day=YYYY-MM-DD as of that day, under its limits; on the worklist the latest day stands.
    """
    state = request.app.state
    if state.clinic is None:
        raise BadInput(NOT_AVAILABLE, status=503, code="models-not-available")
    day = asked.day(request.query_params, state.clinic.clock())
    rows = _rows(await json_body(request))
    assessments = await run_in_threadpool(_assessed, replace(state.clinic, clock=lambda: day), rows)
    if request.query_params.get("worklist") == "true":
        await run_in_threadpool(_keep, state.engine, assessments, state.settings)
    detail = {"residents": len(rows), "knowledge": state.clinic.pack.digest}
    state.behind.put({"audit": entry("risk", "doctor", "", "answered", detail)})
    lang = language(request, state.settings.lang)
    unread = [name for name in sorted({name for row in rows for name in row}) if not sources_of([name])]
    return _json({"residents": [told(assessment, lang) for assessment in assessments], "unread": unread})


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


def _keep(engine: Any, assessments: list[Assessment], current: Settings) -> None:
    with engine.begin() as connection:
        keeping.put(connection, assessments, current)


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
