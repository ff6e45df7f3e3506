"""The audit trail: who did what to whom, with what outcome. Each row's hash covers the row before it.

A changed, removed, inserted or reordered row breaks the chain from there on; `cdss audit verify` finds where. Names and
ids of patients do not enter: the subject is a keyed pseudonym.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cdss.serving.platform.database import exclusive
from cdss.serving.platform.keys import key
from cdss.serving.platform.tables import audit

GENESIS = "0" * 64
AUDIT_LOCK = 7245191
COLUMNS = ("seq", "at", "event", "actor", "subject", "outcome", "detail")


def now() -> str:
    """The time as the trail writes it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def entry(event: str, actor: str, subject: str, outcome: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What is known of an event when it happens; its place in the chain is given when it is written."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"at": now(), "event": event, "actor": actor, "subject": subject, "outcome": outcome, "detail": text}


def append(connection: sa.Connection, entries: Iterable[dict[str, Any]]) -> None:
    """Add entries at the chain's end; the end is locked, so that writers in several processes take turns."""
    exclusive(connection, AUDIT_LOCK)
    last = connection.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    rows = []
    for new in entries:
        seq += 1
        row = {"seq": seq, **new}
        row["hash"] = previous = chained(previous, row)
        rows.append(row)
    if rows:
        connection.execute(sa.insert(audit), rows)


def chained(previous: str, row: dict[str, Any]) -> str:
    """The hash of a row after the row whose hash is `previous`."""
    text = "\x1f".join([previous, *(str(row[column]) for column in COLUMNS)])
    return hashlib.sha256(text.encode()).hexdigest()


def faults(connection: sa.Connection) -> Iterator[str]:
    """Every place where the chain does not hold, in words."""
    previous, expected = GENESIS, 1
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings():
        if row["seq"] != expected:
            yield f"found entry {row['seq']} where {expected} was expected: entries were removed or inserted"
            expected = row["seq"]
        if chained(previous, dict(row)) != row["hash"]:
            yield f"entry {row['seq']} does not fit the one before it: it, or that one, was changed"
        previous, expected = row["hash"], expected + 1


def pseudonymiser(state: Path) -> "Pseudonymiser":
    """The keyed pseudonyms of this installation; the key is made at first use and never leaves the state folder."""
    return Pseudonymiser(key(state / "pseudonym.key"))


class Pseudonymiser:
    """Turns an identifier into 16 hex digits that only this installation can reproduce."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, identifier: str | None) -> str:
        """The pseudonym; empty for no identifier."""
        if not identifier:
            return ""
        return hmac.new(self._key, identifier.encode(), hashlib.sha256).hexdigest()[:16]
