"""Which instances of an archetype a guideline reads: `path is_a local::gt0040`, `max(path)`, `path >= value`."""

import re
from dataclasses import dataclass

from cdss.rules.gdl2.compiled import Condition, condition
from cdss.rules.gdl2.parser import expression
from cdss.rules.gdl2.syntax import Binary, Unsupported, Variable

EXTREME = re.compile(r"\s*(?P<which>max|min)\s*\(?\s*(?P<path>/[^()\s]+)\s*\)?\s*")


@dataclass(frozen=True, slots=True)
class Predicate:
    """Either a `condition` on the instance, or the one instance with the latest or earliest value at `path`."""

    text: str
    condition: Condition | None = None
    path: str = ""
    latest: bool = True


def predicate(text: str) -> Predicate:
    """The predicate in the text; Unsupported if it is none of the forms above."""
    if found := EXTREME.fullmatch(text):
        return Predicate(text, None, found["path"].removesuffix("/value/value"), found["which"] == "max")
    node = expression(text)
    if not (isinstance(node, Binary) and isinstance(node.left, Variable)):
        raise Unsupported(f"predicate {text!r} is not run")
    return Predicate(text, condition(node))
