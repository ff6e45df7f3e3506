"""A rule as its file says it. Strict: an unknown or missing key is an error."""

from datetime import date
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from cdss.rules.alert import Kind, Severity, Source, Text
from cdss.rules.facts import Drug, Event

ANY = "any"
SAME_INGREDIENT = "same-ingredient"
NUMBERED = "#"  # precaution#2: the second of the rule's alerts, where two have one severity

PatientFact = Literal["age", "sex", "weight", "pregnant", "breastfeeding"]
DoseFact = Literal["dose", "daily_dose", "total_daily_dose", "dose_per_kg", "daily_dose_per_kg"]
OrderFact = Literal[DoseFact, "times_a_day", "duration_days", "route", "method"]
DuplicateFact = Literal["ingredient", "class", "renewal"]


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of a rule file."""


class When(Struct, frozen=True, kw_only=True):
    """What makes the engine ask this rule: an order of one of these ATC codes (any level) or `any`, or another event.

    Forms that act locally (eye drops, cream) are left out unless `local` is true; medicines under a code of `unless`
    are always left out.
    """

    event: Event = "order"
    ordering: list[str] | Literal["any"] | None = None
    unless: list[str] = []
    local: bool = False

    def concerns(self, drug: Drug) -> bool:
        """Whether a medicine under one of the `ordering` codes is this rule's business."""
        excepted = tuple(self.unless)
        return (drug.systemic or self.local) and not (excepted and any(code.startswith(excepted) for code in drug.atc))


class Fact(Struct, frozen=True, kw_only=True):
    """Where a fact comes from: exactly one of the kinds. Anything not told to us is unknown.

    loinc           the latest result with one of these codes, in `unit`, not older than `max_age_days`
    icd10, names    whether a condition is coded under one of these, or named so
    taking          whether another medicine under one of these ATC codes is taken or ordered; with `routes`, only
                    those given by one of them; with `same`, also one of the very same ingredients;
                    with `renewed`, also the one that the order renews; with `local`, also one that acts locally
    allergy, names  whether there is an allergy to these ATC classes or substances, or to an ingredient of the order
                    itself, or one whose words contain such a name (egg). Of an allergy told as a wider class it is
                    unknown whether the substance is meant
    patient         a property of the patient (age in `unit`)
    order           a property of the order. Doses are of the ingredient the rule is about, in `unit`:
                    `total_daily_dose` adds up every order and medicine with it, `..._per_kg` divides by the weight
    duplicate       whether another medicine has the same ingredient, or the same ATC level 4 class; or whether the
                    order renews one that is taken already, which is then no other medicine
    indication      whether the order's indication is coded under one of these
    given           what a model or the caller said, in `unit`
    setting         a number the site may set within bounds (`knowledge/settings.csv`); never unknown
    """

    loinc: list[str] | None = None
    icd10: list[str] | None = None
    names: list[str] = []
    taking: list[str] | None = None
    routes: list[str] = []
    same: bool = False
    renewed: bool = False
    local: bool = False
    allergy: list[str] | Literal["same-ingredient"] | None = None
    patient: PatientFact | None = None
    order: OrderFact | None = None
    duplicate: DuplicateFact | None = None
    indication: list[str] | None = None
    given: str | None = None
    setting: str | None = None
    unit: str = ""
    max_age_days: Annotated[int, Meta(gt=0)] | None = None

    def kind(self) -> str:
        """Which of the kinds this is. ValueError if none or several are given."""
        found = [name for name in KINDS_OF_FACT if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"found {found or 'no kind of fact'}, expected exactly one of {', '.join(KINDS_OF_FACT)}")
        return found[0]


KINDS_OF_FACT = (
    "loinc", "icd10", "taking", "allergy", "patient", "order", "duplicate", "indication", "given", "setting",
)  # fmt: skip


class RuleAlert(Struct, frozen=True, kw_only=True):
    """One possible answer of the rule; the first whose condition is true is given. Texts may name {facts}, {limits},
    {drug} (what is ordered) and {others} (what it was found together with)."""

    condition: str = msgspec.field(name="if")
    severity: Severity
    zh: str
    en: str
    detail: Text = Text("", "")
    action: Text = Text("", "")
    due_days: Annotated[int, Meta(ge=0)] | None = None


class Review(Struct, frozen=True, kw_only=True):
    """When people looked at the rule last, and must again. `approved` needs a clinician's name in the change log."""

    last: date
    next: date
    state: Literal["needs clinical review", "approved"]


class RuleTest(msgspec.Struct, frozen=True, kw_only=True):
    """One example: facts by name under `facts`, and what the rule must answer."""

    name: str
    expect: str
    day: date
    ordering: str | None = None
    local: bool = False
    facts: dict[str, float | str | bool | None] = {}


class Rule(Struct, frozen=True, kw_only=True):
    """A rule file, whole."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)+$")]
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["active", "draft", "retired"]
    title: Text
    kind: Kind
    when: When
    applies: str = ""
    facts: dict[str, Fact]
    limits: dict[str, dict[date, float]] = {}
    alerts: Annotated[list[RuleAlert], Meta(min_length=1)]
    sources: Annotated[list[Source], Meta(min_length=1)]
    review: Review
    tests: Annotated[list[RuleTest], Meta(min_length=1)]


EXPECTATIONS = {*get_args(Severity), "none", "unknown"}
