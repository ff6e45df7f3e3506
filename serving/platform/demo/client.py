"""How the demo talks to the running service, and the lines of its table."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from cdss.serving.platform.config import Settings


class DemoFailed(RuntimeError):
    """A flow did not give what it should; says which and what came instead."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the demo's table."""

    flow: str
    sent: str
    found: str
    seconds: float


def get(settings: Settings, path: str) -> Any:
    """The JSON at `path`."""
    with urllib.request.urlopen(_address(settings, path), timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def post(settings: Settings, path: str, value: Any) -> Any:
    """The JSON that comes back for `value`."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(_address(settings, path), json.dumps(value).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        return json.load(answer)


def _address(settings: Settings, path: str) -> str:
    mark = "&" if "?" in path else "?"
    return f"http://{settings.host}:{settings.port}{path}{mark}lang={settings.lang}"
