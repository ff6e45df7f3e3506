"""The worklist as a page, and for printing."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdss.serving.platform.http import language
from cdss.serving.population.output.listed import listed
from cdss.serving.population.worklist import asked, listing
from cdss.serving.population.worklist.routes import page as listed_page
from cdss.serving.population.worklist.routes import ward_of
from cdss.serving.web.residents.shown import in_print, said
from cdss.serving.web.view import page

SHOWN, PRINTED = 50, 500
KEPT = (*asked.FILTERS, "week", "capacity", "lang")  # what a link to another page of the list keeps


@said
async def residents(request: Request) -> Response:
    """GET /residents: filters as the API's, ?week=1 for what fits into a week, ?offset=."""
    return await _page(request, "residents/list.html", SHOWN)


@said
async def printed(request: Request) -> Response:
    """GET /residents/print: the same list on paper."""
    return await _page(request, "residents/print.html", PRINTED)


async def _page(request: Request, template: str, shown: int) -> Response:
    state, params = request.app.state, request.query_params
    lang = language(request, state.settings.lang)
    found, week = await run_in_threadpool(listed_page, state, params, shown)
    choices = await run_in_threadpool(_choices, state.engine)
    ward = ward_of(state)
    offset = asked.number(params, "offset", 0, 0, 10**9 - 1)
    return page(
        request,
        template,
        residents=in_print([listed(entry, ward, lang) for entry in found.entries]),
        total=found.total,
        counts=found.counts,
        week=week,
        capacity=week.capacity if week else state.settings.weekly_capacity,
        chosen={name: params.get(name, "") for name in KEPT},
        choices=choices,
        titles=ward.titles,
        today=ward.today.isoformat(),
        first=offset + 1,
        last=offset + len(found.entries),
        to=_Links(params),
        earlier=max(offset - shown, 0) if offset else None,
        later=offset + shown if offset + shown < found.total else None,
    )


class _Links:
    """Addresses that keep the filters of this list, some of them set anew; None takes one away."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._kept = {name: params[name] for name in KEPT if params.get(name)}

    def __call__(self, path: str, **new: Any) -> str:
        query = {name: value for name, value in {**self._kept, **new}.items() if value not in (None, "")}
        return f"{path}?{urlencode(query)}" if query else path


def _choices(engine: Any) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return listing.choices(connection)
