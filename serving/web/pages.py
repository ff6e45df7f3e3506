"""The pages that belong to no single neighbour, and the order check."""

import time
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

import cdss.models
from cdss.models.artifact import CARD_FILE, REPORT_FILE, DigestMismatch, companion
from cdss.models.card import read
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.desk import Desk, since
from cdss.serving.emr.simple.answer import response
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import language
from cdss.serving.platform.json_text import MAX_BYTES, loads
from cdss.serving.platform.language import Lang, pick
from cdss.serving.platform.openapi import document
from cdss.serving.web import monitoring, residents, studies
from cdss.serving.web.examples import TITLES, body
from cdss.serving.web.view import FOLDER, not_found, page, self_contained
from cdss.serving.web.words import WORDS

MODELS = Path(cdss.models.__path__[0])
MOST_PAIRS = 200  # of an interaction rule that are named on its page


def routes() -> list[BaseRoute]:
    """Pages and static files."""
    squeezed = [Middleware(GZipMiddleware)]
    return [
        Route("/", home, middleware=squeezed),
        Route("/orders", orders, methods=["GET", "POST"], middleware=squeezed),
        Route("/models", models, middleware=squeezed),
        Route("/models/{name}", model, middleware=squeezed),
        Route("/models/{name}/report", report, middleware=squeezed),
        Route("/rules/{id:path}", rule, middleware=squeezed),
        Route("/api", api, middleware=squeezed),
        *studies.routes(),
        *residents.routes(),
        *monitoring.routes(),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), middleware=squeezed),
    ]


async def home(request: Request) -> Response:
    """GET /: the three jobs."""
    state = request.app.state
    return page(request, "home.html", settings=state.settings, pack=state.desk.pack)


async def orders(request: Request) -> Response:
    """GET and POST /orders: an order check by hand, with its alerts and trace. GET shows an example, checked."""
    desk: Desk = request.app.state.desk
    lang = language(request, desk.lang)
    if request.method == "POST":
        text = str((await request.form(max_part_size=MAX_BYTES)).get("body", ""))
    else:
        text = body(request.query_params.get("example", ""))
    answer, fault, status = None, "", 200
    try:
        answer = _checked(desk, text, lang, record=request.method == "POST")
    except BadInput as e:
        fault, status = f"{e.pointer} {pick(e.text, lang)}".strip(), e.status
    names = [(name, pick(title, lang)) for name, title in TITLES.items()]
    return page(request, "orders.html", status, body=text, answer=answer, fault=fault, examples=names)


def _checked(desk: Desk, text: str, lang: Lang, record: bool) -> dict[str, Any]:
    started = time.perf_counter()
    facts = asked(loads(text.encode()), desk.pack)
    review = desk.review(facts)
    if record:
        desk.record(facts.facts.patient.id, review, "page", since(started))
    return response(review, lang, since(started))


async def models(request: Request) -> Response:
    """GET /models: all cards."""
    cards = [read(path) for path in sorted(MODELS.glob(f"*/{CARD_FILE}"))]
    return page(request, "models.html", cards=cards)


async def model(request: Request) -> Response:
    """GET /models/{name}: one card, and the way to its report."""
    folder = _folder(request)
    if folder is None:
        return not_found(request)
    card = read(folder / CARD_FILE)
    return page(request, "model.html", card=card, report=REPORT_FILE in card.companions)


async def report(request: Request) -> Response:
    """GET /models/{name}/report: the evaluation as training shipped it; any other than the card's is not shown."""
    folder = _folder(request)
    card = read(folder / CARD_FILE) if folder else None
    if folder is None or card is None or REPORT_FILE not in card.companions:
        return not_found(request)
    lang = language(request, request.app.state.settings.lang)
    try:
        html = companion(folder, card, REPORT_FILE).read_text(encoding="utf-8")
    except DigestMismatch:
        return page(request, "error.html", 404, text=pick(WORDS["models.report_other"], lang))
    return self_contained(html.replace('<html lang="zh">', f'<html lang="{lang}">', 1))


def _folder(request: Request) -> Path | None:
    """Of the model that the path names; None if there is no such model."""
    found = {path.parent.name: path.parent for path in MODELS.glob(f"*/{CARD_FILE}")}
    return found.get(request.path_params["name"])


async def rule(request: Request) -> Response:
    """GET /rules/{id}: one rule, or one rule of the interaction tables, as a reader sees it."""
    id, pack = request.path_params["id"], request.app.state.desk.pack
    if compiled := pack.rules.get(id):
        return page(request, "rule.html", id=id, rule=compiled.rule)
    parts, pairs = pack.interactions.rule(id)
    if not parts:
        return not_found(request)
    named = [tuple(pack.formulary.ingredient(one) for one in pair) for pair in pairs[:MOST_PAIRS]]
    return page(request, "interaction.html", id=id, parts=parts, pairs=named, count=len(pairs))


async def api(request: Request) -> Response:
    """GET /api: the description of the JSON API."""
    return page(request, "api.html", document=document())
