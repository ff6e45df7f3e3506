"""What a caller is told when the request cannot be answered: what was found, what was expected, what to do.

Problems (RFC 9457) for the JSON API, OperationOutcome for FHIR and CDS Hooks. Never a stack trace, never the input.
"""

import traceback
from pathlib import Path
from typing import Any

import msgspec
from starlette.responses import Response

from cdss.rules.alert import Text

PROBLEM = "application/problem+json"
FHIR = "application/fhir+json"
PROBLEM_TYPES = "urn:wangdi-cdss:problem:"


class BadInput(ValueError):
    """A request that cannot be answered. `status` is the HTTP status, `pointer` the JSON pointer of the bad field."""

    def __init__(self, text: Text, *, status: int = 422, code: str = "invalid", pointer: str = "") -> None:
        super().__init__(f"{pointer}: {text.en}" if pointer else text.en)
        self.text, self.status, self.code, self.pointer = text, status, code, pointer


def fault(error: Exception) -> str:
    """Why one request of many was not answered.

    An error nobody foresaw may quote the request: only its kind and place are told.
    """
    if isinstance(error, BadInput):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__} at {Path(frame.filename).stem}:{frame.lineno}"
    return f"found a request that cannot be read ({kind}); not checked, compare it with the contract"


def problem(status: int, title: str, detail: Text | str, code: str = "invalid", **more: Any) -> Response:
    """An RFC 9457 problem. `detail` in both languages where a person may read it."""
    both = detail if isinstance(detail, Text) else Text(detail, detail)
    body = {
        "type": PROBLEM_TYPES + code,
        "title": title,
        "status": status,
        "detail": both.en,
        "detail_zh": both.zh,
        **{name: value for name, value in more.items() if value not in (None, "")},
    }
    return Response(msgspec.json.encode(body), status, media_type=PROBLEM)


def bad_input(error: BadInput) -> Response:
    """The problem for a BadInput."""
    return problem(error.status, "The request cannot be answered", error.text, error.code, pointer=error.pointer)


def outcome(status: int, code: str, diagnostics: str, expression: str = "") -> Response:
    """A FHIR OperationOutcome with one issue. `code` is of the value set issue-type."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": diagnostics}
    if expression:
        issue["expression"] = [expression]
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(msgspec.json.encode(body), status, media_type=FHIR)
