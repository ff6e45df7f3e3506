"""What is said of one resident: every model's answer with its reasons, what the rules advise, the place in the list."""

from datetime import date
from typing import Literal, get_args

import msgspec

from cdss.rules.alert import RANK, Severity, Text

Tier = Literal["high", "medium", "low", "unknown"]
Disease = Literal["hypertension", "diabetes", "cvd"]
DISEASES: tuple[Disease, ...] = get_args(Disease)
SOON_DAYS = 14
ASKING = RANK["consider"]  # what is only for information asks for nothing
NOTHING = Text("", "")


class Why(msgspec.Struct, frozen=True):
    """One reason: the measurement, its value (None: missing), and what it adds on the logit scale, or points."""

    feature: str
    value: float | None
    contribution: float


class ModelSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One model's answer. Without an answer `tier` is unknown and `why_not` says why: never a silent number.

    `probability` is None also for scores that give points; then `points` holds them. A tier below high says that the
    threshold of the model's card was not reached, not that there is no risk.
    """

    model: str
    version: str
    tier: Tier
    flagged: bool = False
    probability: float | None = None
    points: float | None = None
    basis: str = ""  # which tier of the model answered: how much was known
    reasons: tuple[Why, ...] = ()
    missing: tuple[str, ...] = ()
    why_not: Text = NOTHING
    note: Text = NOTHING  # what is to be known of the answer, such as a site layer that could not be used


class Advice(msgspec.Struct, frozen=True):
    """What a rule says is to be done, and by when."""

    rule: str
    severity: Severity
    summary: Text
    action: Text
    due: date | None
    review: bool = False  # the rule still needs clinical review, which is shown
    answer: int = 0  # which of the rule's alerts it is, the first is 1


class Unchecked(msgspec.Struct, frozen=True):
    """A rule that could not be decided, and what it lacked."""

    rule: str
    lacks: tuple[Text, ...]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """One resident, assessed on a day. `fault` says why no model could be asked.

    `record` is what was known: numbers and yes/no answers by column of the resident table, and `egfr` where it could
    be computed; what is not in it was not told. `unchecked` are the rules that could not be decided, each with what it
    lacked in words of the ward: never the same as nothing found.
    """

    id: str
    day: date
    age: float | None
    sex: str | None
    village: str
    doctor: str
    models: tuple[ModelSaid, ...]
    advices: tuple[Advice, ...]
    flagged: bool | None = None  # whether a test for diabetes is due; None if no score could say
    fault: str = ""
    last_visit: date | None = None
    record: dict[str, float | bool] = {}
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def diseases(self) -> tuple[Disease, ...]:
        """The diseases known of the resident."""
        return tuple(name for name in DISEASES if self.record.get(name) is True)

    @property
    def opted_out(self) -> bool:
        """Whether the resident wants no reminders."""
        return self.record.get("opt_out") is True

    @property
    def next(self) -> Advice | None:
        """The most pressing advice that asks for something."""
        return next((advice for advice in self.advices if advice.action.en), None)

    @property
    def asking(self) -> tuple[Advice, ...]:
        """The advices that ask for something; the others are for information."""
        return tuple(advice for advice in self.advices if RANK[advice.severity] <= ASKING)

    @property
    def tier(self) -> Tier:
        """High if something is due within two weeks, medium if anything else is to be done, low if nothing is.

        A flag alone is medium: a test is due, but nothing presses; how likely it is ranks within the tier.
        """
        if any(advice.due and (advice.due - self.day).days <= SOON_DAYS for advice in self.asking):
            return "high"
        if self.asking:
            return "medium"
        answered = any(said.tier != "unknown" for said in self.models)
        return "low" if answered and not self.fault else "unknown"

    @property
    def urgency(self) -> float:
        """The order of the worklist, largest first: by tier, then what presses, then how likely."""
        tiers = {"high": 30, "medium": 20, "low": 10, "unknown": 0}
        worst = max((RANK["info"] - RANK[advice.severity] for advice in self.advices), default=0)
        risk = max((said.probability or 0.0 for said in self.models if said.flagged), default=0.0)
        return tiers[self.tier] + worst + risk
