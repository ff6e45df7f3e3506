"""The tree of a GDL2 expression: what the parser makes and the compiler reads."""

from dataclasses import dataclass
from typing import Literal

from cdss.rules.gdl2.values import Value


class SyntaxFault(ValueError):
    """The text is not a GDL2 expression; says where and what was expected."""


class Unsupported(SyntaxFault):
    """The text is GDL2, but uses a part of it this engine does not run; names the part."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant; None is `null`."""

    value: Value | None


@dataclass(frozen=True, slots=True)
class Variable:
    """An element by its code (gt0005), an archetype path in a predicate, `currentDateTime` or `currentDate`."""

    code: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """Whether a rule has fired."""

    rule: str


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` of a condition."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by `&&` or `||`."""

    by: Literal["&&", "||"]
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them: a comparison, `is_a`, or arithmetic."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of numbers."""

    function: str
    arguments: tuple["Node", ...]


Node = Constant | Variable | Fired | Negation | Joined | Binary | Call


@dataclass(frozen=True, slots=True)
class Assignment:
    """`$gt0015.magnitude = ...`"""

    target: Variable
    value: Node


@dataclass(frozen=True, slots=True)
class UseTemplate:
    """`use_template($gt0033($gt0100=...;$gt0101=...))`: fill a template; `given` are names inside it only."""

    template: str
    given: tuple[Assignment, ...]


Statement = Assignment | UseTemplate
