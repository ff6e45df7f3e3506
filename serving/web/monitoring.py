"""The page for those who answer for the models: drift, calibration, and the site layer of each."""

from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.models.resident import RESIDENT
from cdss.serving.emr.desk import today
from cdss.serving.platform.http import language
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.calibration import known
from cdss.serving.population.monitoring.drift import Compared
from cdss.serving.population.monitoring.report import DAYS, Watch, watches
from cdss.serving.population.monitoring.told import FITS, LEVELS, named
from cdss.serving.web.monitoring_words import WORDS
from cdss.serving.web.view import not_found, page

WIDTH, HEIGHT = 132, 36  # of a histogram, in px
PERIODS = (7, 30, 90, 365)  # days the page offers


def routes() -> list[BaseRoute]:
    """/monitoring, for all models or one."""
    squeezed = [Middleware(GZipMiddleware)]
    return [
        Route("/monitoring", monitoring, middleware=squeezed),
        Route("/monitoring/{name}", monitoring, middleware=squeezed),
    ]


async def monitoring(request: Request) -> Response:
    """GET /monitoring[/{name}]?days=: what is said of every model, or of one."""
    state = request.app.state
    name = request.path_params.get("name")
    if name is not None and name not in known.names():
        return not_found(request)
    days = _days(request.query_params.get("days", ""))
    found = await run_in_threadpool(_watches, state.engine, state.settings.state, today(), days, name)
    return page(
        request,
        "monitoring.html",
        watches=found,
        name=name,
        days=days,
        periods=PERIODS,
        levels=LEVELS,
        fits=FITS,
        named=named,
        unit=_unit,
        reason=lambda why: _reason(why, language(request, state.settings.lang)),
        bars=bars,
        size=(WIDTH, HEIGHT),
    )


def bars(compared: Compared) -> list[dict[str, Any]]:
    """A histogram of now with the one of then as marks over it: x, width, y and height of each bar, y of its mark."""
    highest = max((*compared.share, *compared.share_then), default=0) or 1
    width = WIDTH / (len(compared.share) or 1)
    return [
        {
            "x": round(number * width + 1, 1),
            "width": round(width - 2, 1),
            "y": round(HEIGHT * (1 - now / highest), 1),
            "height": round(HEIGHT * now / highest, 1),
            "mark": round(HEIGHT * (1 - then / highest), 1),
        }
        for number, (now, then) in enumerate(zip(compared.share, compared.share_then, strict=True))
    ]


def _reason(why: str, lang: Lang) -> str:
    """Why there was no answer, in words; a reason that only one model has stays as its card calls it."""
    words = WORDS.get(f"why.{why}")
    return pick(words, lang) if words else why


def _unit(name: str) -> str:
    """The unit of a measurement as a report prints it; empty for a tier's probabilities and for yes or no."""
    quantity = RESIDENT.get(name)
    unit = quantity.unit if quantity else "1"
    return {"1": "", "a": ""}.get(unit, unit.replace("mm[Hg]", "mmHg"))


def _days(text: str) -> int:
    """One of the periods; another is taken as the usual one."""
    return int(text) if text.isascii() and text.isdigit() and int(text) in PERIODS else DAYS


def _watches(engine: sa.Engine, state: Path, day: date, days: int, name: str | None) -> tuple[Watch, ...]:
    with engine.connect() as connection:
        return watches(connection, state, day, days, None if name is None else [name])
