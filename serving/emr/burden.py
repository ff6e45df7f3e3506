"""What each rule costs the doctors: how often it was shown, accepted and overridden, and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from cdss.serving.platform.tables import card, feedback


@dataclass(frozen=True, slots=True)
class Burden:
    """One rule's cards since a day: `shown`, and of those `accepted`, `overridden`; the override reasons, by count."""

    rule: str
    severity: str
    shown: int
    accepted: int
    overridden: int
    reasons: dict[str, int]

    @property
    def override_share(self) -> float | None:
        """Of the cards that came back, how many were overridden; None if none came back."""
        answered = self.accepted + self.overridden
        return self.overridden / answered if answered else None


class Outcome(NamedTuple):
    """What a clinician said of one card."""

    rule: str
    severity: str
    outcome: str
    reason: str


def burden(connection: sa.Connection, since: str) -> list[Burden]:
    """Every rule shown since an ISO 8601 time (UTC), most shown first."""
    shown = sa.select(card.c.rule, card.c.severity, sa.func.count().label("n")).where(card.c.at >= since)
    counts = connection.execute(shown.group_by(card.c.rule, card.c.severity)).all()
    said = list(_outcomes(connection, since))
    found = [_burden(rule, severity, n, said) for rule, severity, n in counts]
    return sorted(found, key=lambda one: (-one.shown, one.rule))


def _burden(rule: str, severity: str, shown: int, said: list[Outcome]) -> Burden:
    own = [outcome for outcome in said if (outcome.rule, outcome.severity) == (rule, severity)]
    overridden = [outcome for outcome in own if outcome.outcome == "overridden"]
    reasons = Counter(outcome.reason or "-" for outcome in overridden)
    accepted = sum(outcome.outcome == "accepted" for outcome in own)
    return Burden(rule, severity, shown, accepted, len(overridden), dict(reasons.most_common()))


def _outcomes(connection: sa.Connection, since: str) -> Iterator[Outcome]:
    """The last word on each card that came back."""
    query = (
        sa.select(card.c.uuid, card.c.rule, card.c.severity, feedback.c.outcome, feedback.c.reason_code)
        .join_from(feedback, card, feedback.c.card == card.c.uuid)
        .where(card.c.at >= since)
        .order_by(feedback.c.outcome_at, feedback.c.id)
    )
    yield from {uuid: Outcome(*outcome) for uuid, *outcome in connection.execute(query)}.values()
