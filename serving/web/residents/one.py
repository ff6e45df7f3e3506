"""One resident: what is to be done, what changed, measurements with targets, reasons as bars, what is missing."""

from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cdss.serving.platform.http import language
from cdss.serving.population.output.listed import whole
from cdss.serving.population.worklist import asked
from cdss.serving.population.worklist import routes as worklist
from cdss.serving.population.worklist.store import Entry
from cdss.serving.web.residents.charts import charts
from cdss.serving.web.residents.controls import controls
from cdss.serving.web.residents.shown import cards, in_print, said
from cdss.serving.web.view import not_found, page

HALF = 120  # of the longest bar of reasons, px


@said
async def resident(request: Request) -> Response:
    """GET /residents/{id}."""
    state, id = request.app.state, request.path_params["id"]
    entry, visits = await run_in_threadpool(worklist.one, state.engine, id)
    return not_found(request) if entry is None else shown(request, entry, visits)


@said
async def handled(request: Request) -> Response:
    """POST /residents/{id}/advices/{rule}/handled: as, note and by from the form; `as` open takes it back."""
    worklist.refuse_other_sites(request)
    form, id = await request.form(max_files=0, max_fields=10), request.path_params["id"]
    told = {name: str(value) for name, value in form.items()}
    done = None if told.get("as") == "open" else asked.handled(told)
    await run_in_threadpool(worklist.mark, request.app.state, id, request.path_params["rule"], done)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/residents/{quote(id, safe='')}{query}", 303)


def shown(
    request: Request, entry: Entry, visits: Any, answer: Any = None, typed: Any = None, status: int = 200
) -> Response:
    """The page; with an answer to what-if, and what was typed for it, where there is one."""
    state = request.app.state
    lang = language(request, state.settings.lang)
    ward = worklist.ward_of(state)
    told = in_print(whole(entry, visits, ward, lang))
    return page(
        request,
        "residents/one.html",
        status,
        resident=told,
        measured=[trend | {"last": trend["points"][-1]} for trend in told["trends"]],
        charts=charts(told["trends"]),
        bars={said["model"]: _bars(said["reasons"]) for said in told["models"]},
        missing=_missing(told),
        titles=ward.titles,
        cards=cards(),
        controls=controls(entry.assessment.record, typed),
        can_score=state.clinic is not None and not entry.assessment.fault,
        answer=answer,
    )


def _bars(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where each bar begins and how long it is: to the right of the middle what raises the risk."""
    longest = max((abs(why["contribution"]) for why in reasons), default=1.0) or 1.0
    widths = [round(HALF * abs(why["contribution"]) / longest) for why in reasons]
    return [
        why | {"width": width, "left": HALF if why["contribution"] > 0 else HALF - width}
        for why, width in zip(reasons, widths, strict=True)
    ]


def _missing(told: dict[str, Any]) -> list[str]:
    """What any model had to do without, each once."""
    return list(dict.fromkeys(one["text"] for said in told["models"] for one in said["missing"]))
