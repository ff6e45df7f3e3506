"""What every flow ends in: an alert that says what, how bad, why, on what basis, and what could not be known."""

from typing import Literal

import msgspec

Kind = Literal[
    "interaction", "duplicate", "allergy", "contraindication", "pregnancy", "lactation", "renal", "hepatic", "age",
    "sex", "dose", "frequency", "route", "duration", "indication", "incompatibility", "pathway", "data",
]  # fmt: skip
Severity = Literal["contraindicated", "avoid", "precaution", "consider", "info"]
SEVERITIES: tuple[Severity, ...] = ("contraindicated", "avoid", "precaution", "consider", "info")  # worst first
RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}  # 0 is the worst
INTERRUPTIVE = frozenset(SEVERITIES[:2])

Truth = Literal["true", "false", "unknown"]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same words in both languages."""

    zh: str
    en: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a statement comes from. `grade`: regulator, guideline, label, thesaurus, textbook, or expert."""

    title: str
    dated: str
    grade: str
    url: str = ""
    says: str = ""


class Traced(msgspec.Struct, frozen=True):
    """One test a rule made: the fact, the value found (None: unknown), and how the test came out."""

    fact: str
    value: str | None
    unit: str
    date: str | None
    test: str
    truth: Truth


class Alternative(msgspec.Struct, frozen=True):
    """What may be ordered instead of the order `replaces`: an ingredient with its ATC code (may be empty), and why.

    It neither interrupts beside anything else ordered or taken, nor meets a known allergy; its dose, and whether it
    suits the patient otherwise, is checked when it is ordered.
    """

    replaces: str
    ingredient: str
    atc: str
    zh: str
    en: str
    why: Text
    source: Source


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """`orders` are the ids it is about, `others` the medicines, allergies or conditions it is about as well.

    `alternatives` are what may be ordered instead, where something better is known. `review` is True while the rule
    still needs clinical review; the product shows that. `echo`: another alert tells of the same medicines at least as
    loudly, so that this one is only listed.
    """

    rule: str
    rule_version: str
    kind: Kind
    severity: Severity
    orders: tuple[str, ...]
    others: tuple[str, ...]
    summary: Text
    detail: Text
    action: Text
    due_days: int | None = None  # days within which the action is due
    sources: tuple[Source, ...]
    trace: tuple[Traced, ...]
    review: bool
    alternatives: tuple[Alternative, ...] = ()
    echo: bool = False

    @property
    def interruptive(self) -> bool:
        """Only `avoid` and worse may stop a doctor's work, and only once for one matter."""
        return self.severity in INTERRUPTIVE and not self.echo


class Unknown(msgspec.Struct, frozen=True):
    """A rule that could not be decided, and the facts it would have needed: by name, and in the words of the ward."""

    rule: str
    needs: tuple[str, ...]
    orders: tuple[str, ...]
    missing: tuple[Text, ...] = ()
