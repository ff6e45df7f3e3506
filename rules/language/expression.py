"""The language of conditions in rule files, parsed once into closures.

    age >= 65 and egfr < stop        names are facts or limits; what is unknown makes the comparison unknown
    route in ['iv', 'im']            membership
    egfr is unknown                  true or false, never unknown
    asthma or not pregnant           facts that are themselves true, false or unknown

There is no arithmetic, no call, no attribute: nothing in a rule file can run code.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cdss.rules.language.condition_tree import Both, Compared, Either, Holds, IsUnknown, Negation, OneOf, Tree, traced
from cdss.rules.language.conditions import COMPARE, Check, Condition

MAX_LENGTH, MAX_DEPTH = 2000, 40
NUMBER, TEXT = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?"), re.compile(r"'[^']*'")
WORDS = {"and", "or", "not", "is", "in", "unknown", "true", "false"}
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>[^']*)'|(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|==|!=|<|>|\(|\)|\[|\]|,))"
)


class ExpressionError(ValueError):
    """The text is not a condition; says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition: its `tree`, ready to `evaluate` with a trace, and the `tests` it makes."""

    text: str
    tree: Tree
    evaluate: Condition
    tests: tuple[Check, ...]

    @property
    def names(self) -> frozenset[str]:
        """All facts and limits it reads."""
        return frozenset(name for test in self.tests for name in test.names)


@lru_cache(maxsize=16384)
def parse(text: str) -> Expression:
    """The condition in `text`; ExpressionError names the place. The same text is parsed once: tables repeat theirs."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"found {len(text)} characters, expected at most {MAX_LENGTH}")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent, one method a grammar rule."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0
        self.tests: list[Check] = []

    def whole(self) -> Expression:
        tree = self.either()
        if self.at < len(self.tokens):
            raise self.error("the end")
        return Expression(self.text, tree, traced(tree), tuple(self.tests))

    def either(self) -> Tree:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return Either(tuple(parts)) if len(parts) > 1 else parts[0]

    def both(self) -> Tree:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return Both(tuple(parts)) if len(parts) > 1 else parts[0]

    def negation(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"{self.text!r}: nested deeper than {MAX_DEPTH}")
        tree = Negation(self.negation()) if self.take("not") else self.term()
        self.depth -= 1
        return tree

    def term(self) -> Tree:
        if not self.take("("):
            return self.test()
        inner = self.either()
        self.expect(")")
        return inner

    def test(self) -> Tree:
        start, name = self.at, self.name()
        if self.take("is"):
            wanted = not self.take("not")
            self.expect("unknown")
            return IsUnknown(self.made(start, name, about_unknown=True), wanted)
        if self.take("in"):
            return OneOf(self.made(start, name, literals=self.options()))
        if self.peek() in COMPARE:
            return self.comparison(start, name)
        return Holds(self.made(start, name))

    def comparison(self, start: int, name: str) -> Tree:
        compare = COMPARE[self.next()]
        kind, right = self.operand()
        if kind == "name":
            return Compared(self.made(start, name, other=right), compare, other=right)
        value = _literal(kind, right)
        return Compared(self.made(start, name, literals=(value,)), compare, value)

    def made(
        self,
        start: int,
        name: str,
        other: str = "",
        literals: tuple[float | str, ...] = (),
        about_unknown: bool = False,
    ) -> Check:
        first, last = self.tokens[start], self.tokens[self.at - 1]
        names = (name, other) if other else (name,)
        test = Check(self.text[first.start : last.end], name, names, literals, about_unknown)
        self.tests.append(test)
        return test

    def options(self) -> tuple[float | str, ...]:
        self.expect("[")
        found = [_literal(*self.operand())]
        while self.take(","):
            found.append(_literal(*self.operand()))
        self.expect("]")
        return tuple(found)

    def operand(self) -> tuple[str, str]:
        if self.at < len(self.tokens) and self.tokens[self.at].kind != "sign":
            token = self.tokens[self.at]
            self.at += 1
            return token.kind, token.text
        raise self.error("a number, a 'text' or a name")

    def name(self) -> str:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "name" and token.text not in WORDS:
                self.at += 1
                return token.text
        raise self.error("the name of a fact")

    def peek(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at].kind in {"sign", "name"}:
            return self.tokens[self.at].text
        return ""

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1].text

    def take(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.at += 1
        return True

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.error(repr(word))

    def error(self, expected: str) -> ExpressionError:
        place = self.tokens[self.at].start if self.at < len(self.tokens) else len(self.text)
        return ExpressionError(f"{self.text!r}: expected {expected} at character {place + 1}")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if not match or match.lastgroup is None:
            raise ExpressionError(f"{text!r}: found {text[place:].strip()[0]!r} at character {place + 1}")
        yield _Token(match.lastgroup, match[match.lastgroup], match.end() - len(match[0].lstrip()), match.end())
        place = match.end()


def _literal(kind: str, text: str) -> float | str:
    if kind == "name":
        raise ExpressionError(f"found {text}, expected a number or a 'text'")
    return float(text) if kind == "number" else text
