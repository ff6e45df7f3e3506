"""The words of a GDL2 expression."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cdss.rules.gdl2.syntax import SyntaxFault
from cdss.rules.gdl2.values import CODE, UNSIGNED

MAX_LENGTH = 20_000
LABEL = r"(?:\|[^|]+\|)?"
CLOSED_CODE = CODE.removesuffix(r"\|?)?") + r"\|)?"
UNIT = r"[A-Za-z0-9_.%*/\[\]{}µμ°]+"

TIME = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"

KINDS = {
    "space": r"\s+",
    "ordinal": rf"(?:\d+)\s*\|\s*{CLOSED_CODE}",
    "coded": CLOSED_CODE,
    "time": rf"\({TIME}\)|{TIME}",
    "proportion": rf"{UNSIGNED},{UNSIGNED},[0-4](?![\w.])",
    "quantity": rf"(?:{UNSIGNED}|\(-{UNSIGNED}\)),{UNIT}",
    "number": UNSIGNED,
    "text": r"'(?:[^'\\]|\\.)*'",
    "variable": rf"\$(?:gt[\d.]*\d|currentDateTime|currentDate)\s*{LABEL}(?:\s*\.[A-Za-z_]+)?",
    "reference": r"\$ref\[\d+\](?:\.[a-z]+)?",
    "path": r"(?:/[a-z_]+\[[\w.-]+\])(?:/[a-z_]+(?:\[[^\]]+\])?)*",
    "word": r"!?[A-Za-z_][A-Za-z_0-9]*",
    "sign": r"==|!=|>=|<=|&&|\|\||//|[-+*/^%()<>=!,;\[\]:]",
}
WORDS = {"and": "&&", "or": "||", "not": "!"}


def _pattern(name: str, pattern: str) -> str:
    """Named groups inside a kind are anonymous here: the parser reads the parts again."""
    return f"(?P<{name}>{re.sub(r'[?]P<[a-z]+>', '?:', pattern)})"


TOKEN = re.compile("|".join(_pattern(*kind) for kind in KINDS.items()))


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its kind, and where it starts."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of the text; SyntaxFault where it is none."""
    if len(text) > MAX_LENGTH:
        raise SyntaxFault(f"found {len(text)} characters, expected at most {MAX_LENGTH}")
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise SyntaxFault(f"found {text[at : at + 20]!r} at {at}, expected a variable, a value or an operator")
        yield from _split(str(found.lastgroup), found[0], at)
        at = found.end()


def _split(kind: str, text: str, at: int) -> Iterator[Token]:
    """Negation is written close to words: `!fired`. Words for operators become the operators."""
    if kind == "space":
        return
    if kind == "word" and text.startswith("!"):
        yield Token("sign", "!", at)
        text = text[1:]
    if kind == "word" and text in WORDS:
        yield Token("sign", WORDS[text], at)
    else:
        yield Token(kind, text, at)
