"""What the pages for family doctors show of a resident: the words of the API, as they are printed."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import cdss.models
from cdss.models.artifact import CARD_FILE
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import language
from cdss.serving.platform.language import pick
from cdss.serving.web.view import page

Handler = Callable[[Request], Awaitable[Response]]
PRINTED = {  # UCUM -> as it is printed
    "kg/m2": "kg/m²",
    "umol/L": "µmol/L",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
}
UNITS = re.compile("|".join(map(re.escape, PRINTED)))


def in_print(value: Any) -> Any:
    """The value with the units in all its texts as they are printed."""
    if isinstance(value, str):
        return UNITS.sub(lambda match: PRINTED[match[0]], value)
    if isinstance(value, dict):
        return {name: in_print(part) for name, part in value.items()}
    return [in_print(part) for part in value] if isinstance(value, list) else value


def cards() -> frozenset[str]:
    """The models that have a card, and so a page."""
    return frozenset(path.parent.name for path in Path(cdss.models.__path__[0]).glob(f"*/{CARD_FILE}"))


def said(handler: Handler) -> Handler:
    """A page whose handler refuses what was asked says why."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BadInput as e:
            lang = language(request, request.app.state.settings.lang)
            return page(request, "error.html", e.status, text=pick(e.text, lang))

    return answer
