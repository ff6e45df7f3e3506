"""The pages of the pre-reads: the list, and one study with its images, findings and advice."""

from collections import defaultdict
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Alert
from cdss.rules.asking.words import level
from cdss.serving.pacs import size, subject, told
from cdss.serving.pacs.advice import advice
from cdss.serving.pacs.flow.watch import alive
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.pacs.intake.upload import keep_parts, parts
from cdss.serving.pacs.objects.scale import swatches
from cdss.serving.pacs.result import Finding
from cdss.serving.pacs.subject import Subject
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import language
from cdss.serving.platform.language import Lang, pick
from cdss.serving.web.view import not_found, page

SHOWN = 100
COLOURS = swatches(40)  # of the legend


def routes() -> list[BaseRoute]:
    """The list, uploading to it, and one study."""
    squeezed = [Middleware(GZipMiddleware)]
    return [
        Route("/studies", studies, methods=["GET", "POST"], middleware=squeezed),
        Route("/studies/{study_uid}", study, middleware=squeezed),
    ]


async def studies(request: Request) -> Response:
    """GET /studies, and POST with files to receive."""
    state, refused, status = request.app.state, [], 200
    if request.method == "POST":
        lang = language(request, state.settings.lang)
        try:
            kept = await run_in_threadpool(keep_parts, await parts(request), state.engine, store_of(state.settings))
            refused = [f"{one.part}: {getattr(one.refused, lang)}" for one in kept if one.refused]
        except BadInput as e:
            refused = [pick(e.text, lang)]
        if not refused:
            return RedirectResponse(request.url.path + _query(request), 303)
        status = 422
    listed = await run_in_threadpool(told.studies, state.engine, SHOWN, 0)
    who = await run_in_threadpool(_who, state, [one["study_uid"] for one in listed["studies"]])
    waiting = not await run_in_threadpool(alive, state.engine)
    shown = {"studies": listed["studies"], "who": who, "refused": refused, "no_worker": waiting}
    return page(request, "studies.html", status, **shown)


async def study(request: Request) -> Response:
    """GET /studies/{study_uid}."""
    state = request.app.state
    lang = language(request, state.settings.lang)
    found = await run_in_threadpool(told.one, state.engine, request.path_params["study_uid"], lang)
    if found is None:
        return not_found(request)
    advices = [_told(alert, lang) for alert in advice(found, state.desk.pack, state.desk.clock())]
    who = await run_in_threadpool(_who, state, [found["study_uid"]])
    on_film = {one["sop_instance_uid"]: one["probability"] for one in found["images"]}
    shown: dict[str, Any] = {"study": found, "who": who, "advices": advices, "on_film": on_film, "colours": COLOURS}
    shown["sizes"] = [size.words(one, lang) for one in msgspec.convert(found["findings"], list[Finding])]
    return page(request, "study.html", **shown)


def _who(state: Any, study_uids: list[str]) -> defaultdict[str, Subject]:
    """Whose studies they are; nothing is known of one whose images cannot be read."""
    return defaultdict(Subject, subject.of(state.engine, store_of(state.settings), study_uids))


def _told(alert: Alert, lang: Lang) -> dict[str, Any]:
    return {
        "summary": pick(alert.summary, lang),
        "action": pick(alert.action, lang),
        "level": pick(level(alert.kind, alert.severity), lang),
        "severity": alert.severity,
        "rule": alert.rule,
        "review": alert.review,
    }


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""
