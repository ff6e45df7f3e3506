"""Templates and cards: texts and resources with `{$gt0012.magnitude}` in them, filled from a running guideline."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cdss.rules.gdl2.compiled import term
from cdss.rules.gdl2.compute import shown
from cdss.rules.gdl2.scope import Scope, part
from cdss.rules.gdl2.syntax import UseTemplate
from cdss.rules.gdl2.values import Value

HOLE = re.compile(r"\{\$(gt[\d.]*\d|currentDateTime)(?:\.([A-Za-z_]+))?\}")
MAX_DEPTH, MAX_FILLED = 30, 500  # characters of one value


def filled(raw: Any, read: Callable[[str, str | None], Value | None], depth: int = 0) -> Any:
    """`raw` with every hole filled; a hole whose value is not known stays as it is, so that it is seen."""
    if depth > MAX_DEPTH:
        raise ValueError(f"found a template nested deeper than {MAX_DEPTH}")
    if isinstance(raw, Mapping):
        return {key: filled(value, read, depth + 1) for key, value in raw.items()}
    if isinstance(raw, list):
        return [filled(value, read, depth + 1) for value in raw]
    return HOLE.sub(lambda hole: _fill(hole, read), raw) if isinstance(raw, str) else raw


def checked(raw: Any, place: str) -> Mapping[str, Any]:
    """`raw` as a template or card; ValueError if it is none, or nested too deep to be filled."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"{place}: found {type(raw).__name__}, expected names and values")
    filled(raw, lambda *_: None)
    return raw


def _fill(hole: re.Match[str], read: Callable[[str, str | None], Value | None]) -> str:
    value = read(hole[1], hole[2])
    return hole[0] if value is None else shown(value)[:MAX_FILLED]


def filling(statement: UseTemplate, templates: Mapping[str, Any]) -> Callable[[Scope], None]:
    """Fills the template and keeps the result; names given to it are seen only inside it."""
    template = templates.get(statement.template) or {}
    given = [(one.target.code, term(one.value)) for one in statement.given]

    def fill(scope: Scope) -> None:
        local = {code: value(scope) for code, value in given}

        def read(code: str, attribute: str | None) -> Value | None:
            if code not in local:
                return scope.read(code, attribute)
            value = local[code]
            return value if attribute is None or value is None else part(value, attribute)

        scope.made[statement.template] = filled(template.get("object"), read)

    return fill
