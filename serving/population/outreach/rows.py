"""Reminders and letters as rows of their tables."""

from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from cdss.serving.population.outreach.core.reminder import Letter, Reminder
from cdss.serving.population.scoring.assessment import Advice


def reminder_row(one: Reminder) -> dict[str, Any]:
    """For the table `reminder`."""
    return {
        "id": one.id,
        "resident_id": one.resident_id,
        "rule": one.rule,
        "episode": one.episode,
        "state": one.state,
        "severity": one.advice.severity,
        "urgent": one.urgent,
        "opened": day_text(one.opened),
        "due": day_text(one.advice.due),
        "closed": day_text(one.closed),
        "doctor": one.doctor,
        "advice": msgspec.json.encode(one.advice).decode(),
        "texts": one.texts,
        "text_id": one.text_id,
    }


def letter_row(one: Letter, at: str) -> dict[str, Any]:
    """For the table `letter`, not tried yet."""
    fresh = {"state": "queued", "attempts": 0, "lease": 0.0, "claim": "", "carrier": "", "error": "", "via": ""}
    return {"id": one.id, **msgspec.structs.asdict(one), **fresh, "at": at}


def read(row: "sa.Row[Any]") -> Reminder:
    """A row of the table `reminder` as a reminder."""
    return Reminder(
        resident_id=row.resident_id,
        rule=row.rule,
        episode=row.episode,
        opened=date.fromisoformat(row.opened),
        advice=msgspec.json.decode(row.advice, type=Advice),
        doctor=row.doctor,
        urgent=row.urgent,
        state=row.state,
        closed=date.fromisoformat(row.closed) if row.closed else None,
        texts=row.texts,
        text_id=row.text_id,
    )


def day_text(day: date | None) -> str:
    """ISO 8601; empty for none."""
    return day.isoformat() if day else ""
