"""What all HTTP handlers share: the body within its limit, the language, and errors turned into answers."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from cdss.rules.alert import Text
from cdss.serving.platform import errors
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.json_text import MAX_BYTES, loads
from cdss.serving.platform.language import Lang, chosen

log = structlog.get_logger()
Handler = Callable[[Request], Awaitable[Response]]
TOO_LARGE = Text(f"请求体超过 {MAX_BYTES} 字节。", f"found more than {MAX_BYTES} bytes")
BROKEN = Text(
    "内部错误，已记录；请人工核对，医嘱不受影响。", "internal error, recorded; check by hand, the order is not blocked"
)


async def json_body(request: Request) -> Any:
    """The JSON value of the body. BadInput if it is too large, empty, or not JSON; said before it is read whole."""
    if int(request.headers.get("content-length") or 0) > MAX_BYTES:
        raise BadInput(TOO_LARGE, status=413, code="too-large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise BadInput(TOO_LARGE, status=413, code="too-large")
    return loads(bytes(body))


def language(request: Request, default: Lang) -> Lang:
    """`?lang=`, else Accept-Language, else the site's."""
    return chosen(request.query_params.get("lang"), request.headers.get("accept-language"), default)


def json_api(handler: Handler) -> Handler:
    """Errors of a JSON API handler as RFC 9457 problems."""

    def broken() -> Response:
        return errors.problem(500, "Internal error", BROKEN, "internal")

    return _answering(handler, errors.bad_input, broken)


def fhir_api(handler: Handler) -> Handler:
    """Errors of a FHIR or CDS Hooks handler as OperationOutcomes."""

    def bad(error: BadInput) -> Response:
        return errors.outcome(error.status, "invalid", str(error), error.pointer)

    def broken() -> Response:
        return errors.outcome(500, "exception", BROKEN.en)

    return _answering(handler, bad, broken)


def _answering(handler: Handler, bad: Callable[[BadInput], Response], broken: Callable[[], Response]) -> Handler:
    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BadInput as e:
            return bad(e)
        except Exception as e:
            log.exception(
                "handler failed", path=request.scope.get("route_path", request.url.path), error=type(e).__name__
            )
            return broken()

    return answer
