"""A house with a database and a clock that tests move, whose texts end in a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cdss.rules.alert import Severity, Text
from cdss.serving.platform import database
from cdss.serving.platform.audit import pseudonymiser
from cdss.serving.platform.config import Settings
from cdss.serving.population.outreach import optout, remember
from cdss.serving.population.outreach.core.texts import read
from cdss.serving.population.outreach.sending.channels import post_of, texting
from cdss.serving.population.outreach.sending.post import Post
from cdss.serving.population.outreach.sending.senders import Message
from cdss.serving.population.outreach.tables import letter, reminder
from cdss.serving.population.scoring.assessment import Advice, Assessment, ModelSaid, Unchecked
from cdss.serving.population.worklist import store

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOON.date()
EMERGENCY = ("avoid", 0)


def advice(rule: str, severity: Severity = "precaution", days: int | None = 14, day: date = TODAY) -> Advice:
    """What a rule says on `day`, due in `days`; its words hold a value and a diagnosis."""
    return Advice(
        rule,
        severity,
        Text("血压 190/110，高血压", "Blood pressure 190/110, hypertension"),
        Text("安排随访", "Arrange a visit"),
        None if days is None else day + timedelta(days=days),
        review=True,
    )


def assessment(id: str, *advices: Advice, day: date = TODAY, **more: Any) -> Assessment:
    """One resident on a day."""
    given: dict[str, Any] = {
        "age": 66.0, "sex": "male", "village": "v", "doctor": "Dr W", "models": (), "advices": advices, **more,
    }  # fmt: skip
    return Assessment(id=id, day=day, **given)


@dataclass
class House:
    """`sent` are the messages that went out, `asked` those the sender was asked to take; `broken`: it takes none."""

    settings: Settings
    engine: sa.Engine
    now: datetime = NOON
    sent: list[Message] = field(default_factory=list)
    asked: list[Message] = field(default_factory=list)
    broken: bool = False

    def keep(self, *assessments: Assessment) -> dict[str, int]:
        """Put residents on the worklist, as `cdss score --worklist` does."""
        with self.engine.begin() as connection:
            store.keep(connection, assessments)
            return remember.remember(connection, assessments, self.now, self.settings)

    def says(self, id: str, *rules: tuple[str, Severity, int], **more: Any) -> dict[str, int]:
        """An assessment of today is kept."""
        day = self.now.date()
        advices = (advice(rule, severity, days, day) for rule, severity, days in rules)
        return self.keep(assessment(id, *advices, day=day, **more))

    def round(self) -> dict[str, int]:
        """Send what is due."""
        return dict(+self.post().round())

    def post(self) -> Post:
        """The site's own channels, but texts end in this house."""
        post = post_of(self.settings, self.engine, lambda: self.now)
        texts = texting(self.take, read(), self.settings)
        return Post(post.settings, post.engine, post.names, post.quiet, {**post.channels, "text": texts}, post.clock)

    def take(self, message: Message) -> None:
        """The site's sender."""
        self.asked.append(message)
        if self.broken:
            raise ConnectionRefusedError(message.text)
        self.sent.append(message)

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def opt(self, id: str, out: bool) -> bool:
        """A resident opts out, or in again."""
        change = optout.put if out else optout.take_back
        with self.engine.begin() as connection:
            return change(connection, id, "test", pseudonymiser(self.settings.state))

    def to_residents(self) -> list[Message]:
        """What went out to residents."""
        return [message for message in self.sent if message.to == "resident"]

    def letters(self, *columns: str) -> Sequence[Any]:
        """Columns of all letters, oldest key first."""
        return self._rows(letter, *columns)

    def reminders(self, *columns: str) -> Sequence[Any]:
        """Columns of all reminders."""
        return self._rows(reminder, *columns)

    def audited(self, event: str) -> list[str]:
        """The outcomes of that event in the trail."""
        with self.engine.connect() as connection:
            text = "SELECT outcome FROM audit WHERE event = :event ORDER BY seq"
            return list(connection.execute(sa.text(text), {"event": event}).scalars())

    def _rows(self, table: sa.Table, *columns: str) -> Sequence[Any]:
        chosen = [table.c[name] for name in columns]
        order = table.c.key if "key" in table.c else table.c.episode
        with self.engine.connect() as connection:
            query = sa.select(*chosen).order_by(order, table.c.id)
            return [row[0] if len(chosen) == 1 else tuple(row) for row in connection.execute(query)]


def house(home: Path, **settings: Any) -> House:
    """A new house; its residents live by UTC and are quiet from 21 to 8."""
    given = {"timezone": "UTC", "lang": "en", "retry_seconds": 1.0, **settings}
    current = Settings(home=home, **given)
    home.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    return House(current, engine)


def said(model: str = "diabetes_incident_cn", probability: float | None = 0.123, **more: Any) -> ModelSaid:
    """A model's answer."""
    given: dict[str, Any] = {"version": "1.0.0", "tier": "high", "flagged": True, "basis": "A", **more}
    return ModelSaid(model=model, probability=probability, **given)


UNDECIDED = Unchecked("pathway/bp-control", (Text("血压", "blood pressure"),))
