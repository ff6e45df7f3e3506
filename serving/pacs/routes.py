"""HTTP for those who send and look at studies."""

from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdss.rules.alert import Text
from cdss.serving.pacs import feedback, fhir, previews, subject, told
from cdss.serving.pacs.decode.sandbox import Interrupted
from cdss.serving.pacs.flow import books, outbox
from cdss.serving.pacs.intake.store import NoSpace, store_of
from cdss.serving.pacs.intake.upload import keep_parts, parts
from cdss.serving.pacs.objects.picture import OVERLAYS, NoScoreMap
from cdss.serving.pacs.reasons import Unreadable
from cdss.serving.platform.errors import FHIR, BadInput, problem
from cdss.serving.platform.http import fhir_api, json_api, json_body, language
from cdss.serving.platform.language import Lang

MOST = 200  # studies in one answer
MOST_REPORTS = 50
NO_STUDY = Text("没有这个检查。", "found no such study; GET /api/v1/studies lists them")
NO_PICTURE = Text("没有这幅图像。", "found no such picture; the study's `previews` list them")
NO_MAP = Text(
    "该结果没有保存评分图（由较早版本读出）；重新读片后才有。",
    "no score map was kept with this result; it was read by an earlier version, and only a new reading has one",
)
BAD_OVERLAY = Text("overlay 应为 boxes、scores 或 none。", "expected overlay to be boxes, scores or none")
STOPPING = Text("服务正在停止；稍后再试。", "the service is stopping; try again in a moment")
NOTHING_KEPT = Text("没有一个文件可以接收。", "none of the files can be taken; see `refused`")
NOTHING_TO_RETRY = Text("没有等待人工重试的步骤。", "nothing waits to be tried again")
DISK_FULL = Text("磁盘已满；释放空间后会自动恢复。", "the disk is full; free some space, it resumes by itself")
BAD_PAGE = Text("limit 应为 1 至 200，offset 不小于 0。", "expected limit from 1 to 200 and offset from 0")


def routes() -> list[BaseRoute]:
    """The routes; they find `settings` and `engine` in the app's state."""
    base = "/api/v1/studies"
    return [
        Route(base, json_api(upload), methods=["POST"]),
        Route(base, json_api(listing), methods=["GET"]),
        Route(f"{base}/{{study_uid}}", json_api(study), methods=["GET"]),
        Route(f"{base}/{{study_uid}}/retry", json_api(retry), methods=["POST"]),
        Route(f"{base}/{{study_uid}}/preview/{{number:int}}.png", json_api(preview), methods=["GET"]),
        Route(f"{base}/{{study_uid}}/findings/{{finding}}/feedback", json_api(say), methods=["POST"]),
        Route("/fhir/DiagnosticReport", fhir_api(reports), methods=["GET"]),
        Route("/fhir/DiagnosticReport/{id}", fhir_api(report), methods=["GET"]),
    ]


async def upload(request: Request) -> Response:
    """POST /api/v1/studies: 202 when what is listed is durable; files that are refused are listed with the reason."""
    files = await parts(request)
    state = request.app.state
    try:
        kept = await run_in_threadpool(keep_parts, files, state.engine, store_of(state.settings))
    except NoSpace:
        return problem(507, "Disk full", DISK_FULL, "disk-full")
    finally:
        for file in files:
            file.file.close()
    refused = [{"part": one.part, **msgspec.to_builtins(one.refused)} for one in kept if one.refused]
    studies = sorted({one.study_uid for one in kept if one.study_uid})
    if not studies:
        return problem(422, "Nothing taken", NOTHING_KEPT, "not-dicom", refused=refused)
    return _json({"received": len(kept) - len(refused), "studies": studies, "refused": refused}, 202)


async def listing(request: Request) -> Response:
    """GET /api/v1/studies?limit=&offset=."""
    limit, offset = (_number(request, name, default) for name, default in (("limit", 50), ("offset", 0)))
    if not 1 <= limit <= MOST or offset < 0:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    return _json(await run_in_threadpool(told.studies, request.app.state.engine, limit, offset))


async def study(request: Request) -> Response:
    """GET /api/v1/studies/{study_uid}."""
    state = request.app.state
    lang = language(request, state.settings.lang)
    found = await run_in_threadpool(told.one, state.engine, request.path_params["study_uid"], lang)
    if found is None:
        raise BadInput(NO_STUDY, status=404, code="no-such-study")
    return _json(found)


async def retry(request: Request) -> Response:
    """POST /api/v1/studies/{study_uid}/retry: read again what no model answered for, send again what is dead."""
    engine, uid = request.app.state.engine, request.path_params["study_uid"]
    again = await run_in_threadpool(books.try_again, engine, uid)
    revived = await run_in_threadpool(outbox.revive, engine, uid)
    if not again and not revived:
        raise BadInput(NOTHING_TO_RETRY, status=409, code="nothing-to-retry")
    return _json({"reading": again, "deliveries": revived}, 202)


async def preview(request: Request) -> Response:
    """GET /api/v1/studies/{study_uid}/preview/{number}.png?overlay=boxes|scores|none: a key image.

    `boxes`, the default: as it goes to the PACS; `scores`: with the score map over it; `none`: without marks.
    """
    wanted = request.query_params.get("overlay", "boxes")
    overlay = next((one for one in OVERLAYS if one == wanted), None)
    if overlay is None:
        raise BadInput(BAD_OVERLAY, status=400, code="bad-overlay")
    uid, number = request.path_params["study_uid"], request.path_params["number"]
    try:
        picture = await run_in_threadpool(previews.preview, request.app.state, uid, number, overlay)
    except NoScoreMap as e:
        raise BadInput(NO_MAP, status=404, code="no-score-map") from e
    except Unreadable as e:
        raise BadInput(Text(e.reason.zh, e.reason.en), status=409, code=e.reason.code) from e
    except Interrupted as e:
        raise BadInput(STOPPING, status=503, code="stopping") from e
    if picture is None:
        raise BadInput(NO_PICTURE, status=404, code="no-such-picture")
    return Response(picture, media_type="image/png", headers={"cache-control": "private, max-age=60"})


async def say(request: Request) -> Response:
    """POST /api/v1/studies/{study_uid}/findings/{finding}/feedback."""
    said = feedback.verdict(await json_body(request))
    uid, finding = request.path_params["study_uid"], request.path_params["finding"]
    await run_in_threadpool(feedback.keep, request.app.state.engine, uid, finding, said)
    return _json({"stored": True}, 201)


async def reports(request: Request) -> Response:
    """GET /fhir/DiagnosticReport?identifier=[system|]study uid: current results, newest first, at most 50."""
    wanted = request.query_params.get("identifier", "").rpartition("|")[2].removeprefix("urn:oid:")
    state = request.app.state
    found = await run_in_threadpool(_reports, state, wanted, language(request, state.settings.lang))
    return Response(msgspec.json.encode(fhir.bundle(found, len(found))), media_type=FHIR)


async def report(request: Request) -> Response:
    """GET /fhir/DiagnosticReport/{id}."""
    state = request.app.state
    lang = language(request, state.settings.lang)
    try:
        found = await run_in_threadpool(books.by_id, state.engine, request.path_params["id"])
    except LookupError as e:
        raise BadInput(NO_STUDY, status=404, code="no-such-report") from e
    body = await run_in_threadpool(_report, state, found, lang)
    return Response(msgspec.json.encode(body), media_type=FHIR)


def _reports(state: Any, study_uid: str, lang: Lang) -> list[dict[str, Any]]:
    found = books.latest(state.engine, study_uid, MOST_REPORTS)
    return [_report(state, one, lang) for one in found]


def _report(state: Any, found: books.Result, lang: Lang) -> dict[str, Any]:
    uid = found.told.study_uid
    about = subject.of(state.engine, store_of(state.settings), [uid]).get(uid, subject.Subject())
    return fhir.report(found, about, lang)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(BAD_PAGE, status=400, code="bad-page")
    return int(text)


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
