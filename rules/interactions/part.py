"""What is said of two ingredients: a rule, whole, or in parts that hold under a condition."""

import msgspec

from cdss.rules.alert import RANK, Severity, Source, Text
from cdss.rules.interactions.conditions import Condition

VERSION = "2.0.0"


def stem(id: str) -> str:
    """interaction/ansm2020-0091-1 is a part of interaction/ansm2020-0091."""
    head, _, tail = id.rpartition("-")
    return head if tail.isdigit() and "-" in head else id


class Part(msgspec.Struct, frozen=True, eq=False):
    """A row of the tables. `when`: the conditions that must all hold; none: it always holds.

    `local`: also of forms that act locally (eye drops).
    """

    id: str
    severity: Severity
    mechanism: Text
    advice: Text
    sources: tuple[Source, ...]
    local: bool
    when: tuple[Condition, ...] = ()


class Interaction(msgspec.Struct, frozen=True, eq=False):
    """One rule about one pair: `a` and `b` are the ingredients on the rule's own sides.

    `certain` holds whatever is told or not told; `conditional` are tried before it, in order, and the first that is
    true speaks instead.
    """

    certain: Part
    a: str
    b: str
    conditional: tuple[Part, ...] = ()

    @property
    def rule(self) -> str:
        """`interaction/ansm2020-0345`, or the name of a rule of our own."""
        return self.certain.id

    @property
    def severity(self) -> Severity:
        """How bad, as long as none of the conditions is known to hold."""
        return self.certain.severity

    @property
    def worst(self) -> Severity:
        """How bad it can be."""
        return min((self.certain, *self.conditional), key=lambda part: RANK[part.severity]).severity

    def applies_to(self, systemic: bool) -> bool:
        """Whether it holds for medicines that act on the whole body, or also for one that acts locally."""
        return systemic or self.certain.local
