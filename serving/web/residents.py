"""The pages for family doctors: the worklist, and one resident with the reasons as bars."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.platform.http import language
from cdss.serving.population.output.told import told
from cdss.serving.population.worklist import store
from cdss.serving.web.view import not_found, page

SHOWN = 200
TIERS = ["high", "medium", "low", "unknown"]
FILTERS = ("village", "doctor", "tier")
CARDS = ("diabetes_incident_cn", "diabetes_screen")


def routes() -> list[BaseRoute]:
    """The worklist and one resident."""
    squeezed = [Middleware(GZipMiddleware)]
    return [
        Route("/residents", residents, middleware=squeezed),
        Route("/residents/{id}", resident, middleware=squeezed),
    ]


async def residents(request: Request) -> Response:
    """GET /residents?village=&doctor=&tier=."""
    state = request.app.state
    lang = language(request, state.settings.lang)
    chosen = {name: request.query_params.get(name, "") for name in FILTERS}
    found, total, choices = await run_in_threadpool(_page, state.engine, chosen)
    return page(
        request,
        "residents.html",
        residents=[told(one, lang) for one in found],
        total=total,
        chosen=chosen,
        choices={**choices, "tier": TIERS},
        titles=_titles(state),
        request_lang=request.query_params.get("lang", ""),
    )


async def resident(request: Request) -> Response:
    """GET /residents/{id}."""
    state = request.app.state
    found = await run_in_threadpool(_one, state.engine, request.path_params["id"])
    if found is None:
        return not_found(request)
    shown = told(found, language(request, state.settings.lang))
    return page(request, "resident.html", resident=shown, largest=_largest(shown), cards=CARDS, titles=_titles(state))


def _titles(state: Any) -> dict[str, Text]:
    """What the models are called; empty while they are not available."""
    return state.clinic.risks.titles if state.clinic else {}


def _page(engine: Any, chosen: dict[str, str]) -> Any:
    with engine.connect() as connection:
        found, total = store.page(connection, SHOWN, 0, chosen["village"], chosen["doctor"], chosen["tier"])
        return found, total, store.choices(connection)


def _one(engine: Any, id: str) -> Any:
    with engine.connect() as connection:
        return store.one(connection, id)


def _largest(shown: dict[str, Any]) -> dict[str, float]:
    """The longest bar of each model."""
    return {
        said["model"]: max((abs(why["contribution"]) for why in said["reasons"]), default=1.0) or 1.0
        for said in shown["models"]
    }
