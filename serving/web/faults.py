"""What is answered where no handler could: an unknown address, a wrong method, a fault nobody foresaw.

Each caller gets the form it reads: a problem (RFC 9457) below /api, an OperationOutcome below /fhir and /cds-services,
a page everywhere else.
"""

from collections.abc import Callable

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cdss.rules.alert import Text
from cdss.serving.platform import errors
from cdss.serving.platform.http import language
from cdss.serving.platform.language import pick
from cdss.serving.web.view import page

log = structlog.get_logger()
BROKEN = Text(
    "内部错误，已记录；没有任何内容被显示或更改。", "internal error, recorded; nothing was shown, nothing was changed"
)
REFUSED = Text("请求不能处理。", "the request cannot be handled")
SAID = {
    404: Text("没有这个地址；接口列表见 /api。", "found no such address; /api lists them"),
    405: Text("此地址不接受这种方法；可用的见 Allow 头。", "this address takes other methods; see the header Allow"),
}
TITLES = {404: "Not found", 405: "Method not allowed", 500: "Internal error"}
CODES = {404: "not-found", 405: "not-supported", 500: "exception"}  # FHIR issue-type


def refused(request: Request, error: Exception) -> Response:
    """The answer for what the router itself refuses."""
    assert isinstance(error, HTTPException)
    answer = _answer(request, error.status_code, SAID.get(error.status_code, REFUSED))
    answer.headers.update(error.headers or {})
    return answer


def broken(request: Request, error: Exception) -> Response:
    """The answer for a fault nobody foresaw: recorded without what was sent, told without what was found."""
    log.error("handler failed", path=_start(request), error=type(error).__name__)
    return _answer(request, 500, BROKEN)


def _answer(request: Request, status: int, text: Text) -> Response:
    render = FORMS.get(_start(request), _page)
    return render(request, status, text)


def _start(request: Request) -> str:
    """The first part of the path: the rest may name a patient."""
    return request.url.path.split("/")[1]


def _problem(_: Request, status: int, text: Text) -> Response:
    return errors.problem(status, TITLES.get(status, "Refused"), text, CODES.get(status, "processing"))


def _outcome(_: Request, status: int, text: Text) -> Response:
    return errors.outcome(status, CODES.get(status, "processing"), text.en)


def _page(request: Request, status: int, text: Text) -> Response:
    return page(request, "error.html", status, text=pick(text, language(request, request.app.state.settings.lang)))


FORMS: dict[str, Callable[[Request, int, Text], Response]] = {
    "api": _problem,
    "metrics": _problem,
    "openapi.json": _problem,
    "fhir": _outcome,
    "cds-services": _outcome,
}
