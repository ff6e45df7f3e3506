"""What the EMR side records: audit entries, the cards that were shown, and what clinicians said of them."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdss.rules.alert import Alert
from cdss.serving.emr.hooks.types import Feedback
from cdss.serving.platform import audit
from cdss.serving.platform.spool import Job
from cdss.serving.platform.tables import card, feedback


def write(connection: sa.Connection, jobs: list[Job]) -> None:
    """Store a batch: each job holds an audit entry, and maybe cards or feedback."""
    audit.append(connection, [job["audit"] for job in jobs])
    _insert_new(connection, card, [row for job in jobs for row in job.get("cards", ())])
    _insert_new(connection, feedback, [row for job in jobs for row in job.get("feedback", ())])


def card_rows(shown: Iterable[tuple[str, Alert]], service: str) -> list[dict[str, Any]]:
    """Rows for cards that are being shown: uuid and the alert behind it."""
    at = audit.now()
    return [
        {
            "uuid": uuid,
            "at": at,
            "service": service,
            "rule": alert.rule,
            "rule_version": alert.rule_version,
            "severity": alert.severity,
        }
        for uuid, alert in shown
    ]


def feedback_row(said: Feedback, service: str) -> dict[str, Any]:
    """The row for one card's feedback."""
    reason = said.override_reason
    return {
        "card": said.card,
        "service": service,
        "outcome": said.outcome,
        "outcome_at": said.outcome_timestamp,
        "reason_system": reason.reason.system if reason else "",
        "reason_code": reason.reason.code if reason else "",
        "comment": reason.user_comment if reason else "",
        "suggestions": json.dumps([suggestion.id for suggestion in said.accepted_suggestions]),
    }


def override_row(card_uuid: str, reason: str, service: str) -> dict[str, Any]:
    """The row for a card that the doctor goes on in spite of, said with the next simple order; `reason`: a code."""
    return {
        "card": card_uuid, "service": service, "outcome": "overridden", "outcome_at": audit.now(), "reason_system": "",
        "reason_code": reason[:128], "comment": "", "suggestions": "[]",
    }  # fmt: skip


def _insert_new(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows that are not there yet: the same card or feedback sent again is no error."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
