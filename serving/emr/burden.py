"""What each rule costs the doctors: how often it was shown, accepted and overridden, and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

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


def burden(connection: sa.Connection, since: str) -> list[Burden]:
    """Every rule shown since an ISO 8601 time (UTC), most shown first."""
    shown = sa.select(card.c.rule, card.c.severity, sa.func.count().label("n")).where(card.c.at >= since)
    counts = connection.execute(shown.group_by(card.c.rule, card.c.severity)).all()
    said: dict[tuple[str, str], Counter[str]] = {}
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for rule, severity, outcome, reason in _outcomes(connection, since):
        said.setdefault((rule, severity), Counter())[outcome] += 1
        if outcome == "overridden":
            reasons.setdefault((rule, severity), Counter())[reason or "-"] += 1
    found = [
        Burden(
            rule, severity, n, *(said.get((rule, severity), Counter())[o] for o in ("accepted", "overridden")),
            dict(reasons.get((rule, severity), Counter()).most_common()),
        )
        for rule, severity, n in counts
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.shown, one.rule))


def _outcomes(connection: sa.Connection, since: str) -> Iterator[tuple[str, str, str, str]]:
    """The last word on each card: rule, severity, outcome, reason code."""
    last: dict[str, tuple[str, str, str, str]] = {}
    query = (
        sa.select(card.c.uuid, card.c.rule, card.c.severity, feedback.c.outcome, feedback.c.reason_code)
        .join_from(feedback, card, feedback.c.card == card.c.uuid)
        .where(card.c.at >= since)
        .order_by(feedback.c.outcome_at, feedback.c.id)
    )
    for uuid, *outcome in connection.execute(query):
        last[uuid] = tuple(outcome)  # type: ignore[assignment]
    yield from last.values()
