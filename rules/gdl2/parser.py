"""GDL2 expressions, read by recursive descent, one method a rule of the grammar.

    or, and, not, comparison, sum, product, sign, power, operand        loosest first, as in Java and Python

Nothing in a text can run code: what it names is looked up in tables.
"""

import re
from collections.abc import Callable
from typing import Literal, TypeVar

from cdss.rules.gdl2 import values
from cdss.rules.gdl2.compute import COMPARISONS, FUNCTIONS
from cdss.rules.gdl2.syntax import (
    Assignment,
    Binary,
    Call,
    Constant,
    Fired,
    Joined,
    Negation,
    Node,
    Statement,
    SyntaxFault,
    Unsupported,
    UseTemplate,
    Variable,
)  # fmt: skip
from cdss.rules.gdl2.tokens import Token, tokens
from cdss.rules.gdl2.values import Ordinal, Quantity, Value

Read = TypeVar("Read")
MAX_DEPTH = 60
END = Token("end", "", -1)
CONSTANTS: dict[str, Value | None] = {"true": True, "false": False, "null": None, "e": 2.718281828459045}
NOT_RUN = {"any", "for_all"}
CODE_IN = re.compile(r"\$(gt[\d.]*\d|currentDateTime|currentDate)\s*(?:\|[^|]+\|)?\s*(?:\.([A-Za-z_]+))?")


def expression(text: str) -> Node:
    """The tree of a condition or a value; SyntaxFault or Unsupported."""
    return _whole(text, Parser.either)


def statement(text: str) -> tuple[Statement, ...]:
    """What a `then` line does, one or several assignments; SyntaxFault or Unsupported."""
    return _whole(text, Parser.statement)


def _whole(text: str, read: Callable[["Parser"], Read]) -> Read:
    parser = Parser(text)
    found = read(parser)
    if parser.now is not END:
        raise parser.fault("the end")
    return found


class Parser:
    """The place in one text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, [*tokens(text), END], 0, 0

    @property
    def now(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.at]

    def fault(self, expected: str) -> SyntaxFault:
        """What stands here, and what should."""
        found = self.now.text or "the end"
        return SyntaxFault(f"found {found!r} at {self.now.at} of {self.text[:200]!r}, expected {expected}")

    def take(self, *signs: str) -> str | None:
        """The sign, word or end read, if it is one of these."""
        if self.now.kind in ("sign", "word") and self.now.text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def need(self, sign: str) -> None:
        """The sign must be next."""
        if not self.take(sign):
            raise self.fault(repr(sign))

    def statement(self) -> tuple[Statement, ...]:
        if self.take("use_template"):
            self.need("(")
            template = self.variable()
            given = self.assignments() if self.now.text == "(" else ()
            self.need(")")
            return (UseTemplate(template.code, given),)
        target = self.variable()
        if self.now.text == "(":
            return self.assignments()
        self.need("=")
        return (Assignment(target, self.either()),)

    def assignments(self) -> tuple[Assignment, ...]:
        """`($gt0005=1;$gt0006=2)`"""
        self.need("(")
        found = [self.assignment()]
        while self.take(";"):
            found.append(self.assignment())
        self.need(")")
        return tuple(found)

    def assignment(self) -> Assignment:
        target = self.variable()
        self.need("=")
        return Assignment(target, self.either())

    def either(self) -> Node:
        return self.joined("||", self.both)

    def both(self) -> Node:
        return self.joined("&&", self.negation)

    def joined(self, by: Literal["&&", "||"], read: Callable[[], Node]) -> Node:
        parts = [read()]
        while self.take(by):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(by, tuple(parts))

    def negation(self) -> Node:
        if not self.take("!"):
            return self.comparison()
        return Negation(self.deeper(self.negation))

    def comparison(self) -> Node:
        left = self.sum()
        while operator := self.take(*COMPARISONS, "is_a"):
            left = Binary(operator, left, self.sum())
        if self.now.text == "!" and self.tokens[self.at + 1].text == "is_a":
            self.at += 2
            return Negation(Binary("is_a", left, self.sum()))
        return left

    def sum(self) -> Node:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Node:
        return self.chain(("*", "/", "%", "//"), self.sign)

    def chain(self, operators: tuple[str, ...], read: Callable[[], Node]) -> Node:
        left = read()
        while operator := self.take(*operators):
            left = Binary(operator, left, read())
        return left

    def sign(self) -> Node:
        if self.take("-"):
            return self.negative(self.deeper(self.sign))
        return self.power()

    def negative(self, node: Node) -> Node:
        match node:
            case Constant(Ordinal(value, symbol)):
                return Constant(Ordinal(-value, symbol))
            case Constant(Quantity(magnitude, unit, precision)):
                return Constant(Quantity(-magnitude, unit, precision))
        return Binary("-", Constant(0.0), node)

    def power(self) -> Node:
        base = self.operand()
        if self.take("^"):
            return Binary("^", base, self.deeper(self.sign))
        return base

    def operand(self) -> Node:
        if self.take("("):
            inside = self.deeper(self.either)
            self.need(")")
            return inside
        token = self.now
        if token.kind in ("variable", "path"):
            return self.variable()
        if token.kind == "word":
            return self.word()
        if token.kind == "reference":
            raise Unsupported("references ($ref) are not read")
        if token.kind in ("sign", "end"):
            raise self.fault("a value")
        self.at += 1
        return Constant(token.text[1:-1] if token.kind == "text" else values.read(token.text))

    def word(self) -> Node:
        word = self.now.text
        self.at += 1
        if word in CONSTANTS:
            return Constant(CONSTANTS[word])
        if word in NOT_RUN:
            raise Unsupported(f"`{word}` is not run")
        if word == "fired":
            return Fired(self.deeper(self.rule))
        if word in FUNCTIONS:
            return Call(word, self.deeper(self.arguments))
        self.at -= 1
        raise self.fault(f"a value or one of {', '.join(FUNCTIONS)}")

    def rule(self) -> str:
        """`($gt0030)` or `$gt0030`"""
        closed = self.take("(")
        found = self.rule() if self.now.text == "(" else self.variable().code
        if closed:
            self.need(")")
        return found

    def arguments(self) -> tuple[Node, ...]:
        self.need("(")
        found = [self.either()]
        while self.take(","):
            found.append(self.either())
        self.need(")")
        return tuple(found)

    def variable(self) -> Variable:
        token = self.now
        if token.kind == "path":
            self.at += 1
            return Variable(token.text.removesuffix("/value/value"))
        found = CODE_IN.fullmatch(token.text) if token.kind == "variable" else None
        if found is None:
            raise self.fault("a variable such as $gt0005")
        self.at += 1
        return Variable(found[1], found[2])

    def deeper(self, read: Callable[[], Read]) -> Read:
        """One level down; SyntaxFault where no honest guideline goes."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxFault(f"nested deeper than {MAX_DEPTH}")
        found = read()
        self.depth -= 1
        return found
