"""Rendering: templates, the words of the chosen language, and the headers every page carries."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cdss.rules.alert import Kind, Text
from cdss.rules.asking.words import level
from cdss.serving.platform.http import language
from cdss.serving.platform.language import Lang, pick
from cdss.serving.web.words import WORDS

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page in the language of the request. Everything from outside is escaped by the templates."""
    lang = language(request, request.app.state.settings.lang)
    words = _words(request, lang)
    html = templates.get_template(template).render(**words, **values)
    return HTMLResponse(html, status, HEADERS)


def self_contained(html: str) -> Response:
    """A page with its own style inside and nothing else: that style is allowed by its hash, scripts not at all."""
    style = html.partition("<style>")[2].partition("</style>")[0]
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    inside = f"default-src 'none'; style-src 'sha256-{known}'; form-action 'none'; base-uri 'none'"
    policy = f"{inside}; frame-ancestors 'none'"
    return HTMLResponse(html, headers=HEADERS | {"Content-Security-Policy": policy})


def not_found(request: Request) -> Response:
    """The page that says there is none."""
    lang = language(request, request.app.state.settings.lang)
    return page(request, "error.html", 404, text=pick(WORDS["error.not_found"], lang))


def _words(request: Request, lang: Lang) -> dict[str, Any]:
    """What every template may use: t(key), p(text), severity(alert, kind), link(path), and where we are."""
    asked = request.query_params.get("lang")

    def link(path: str, **more: str) -> str:
        query = urlencode(({"lang": asked} if asked else {}) | more)
        return f"{path}?{query}" if query else path

    def severity(alert: Any, kind: Kind) -> str:
        return pick(level(kind, alert["severity"] if isinstance(alert, dict) else alert.severity), lang)

    def chosen(text: Text | dict[str, str]) -> str:
        return text[lang] if isinstance(text, dict) else pick(text, lang)

    others = {**request.query_params, "lang": "en" if lang == "zh" else "zh"}
    return {
        "lang": lang,
        "t": lambda key: pick(WORDS[key], lang),
        "p": chosen,
        "severity": severity,
        "link": link,
        "here": "/" + request.url.path.split("/")[1],
        "other_language": f"{quote(request.url.path)}?{urlencode(others)}",
        "base": str(request.base_url).rstrip("/"),
    }
