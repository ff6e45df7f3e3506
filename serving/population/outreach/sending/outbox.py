"""Letters on their way: which are due, who has them, what became of them.

States: queued; held, for the end of quiet hours; then sent, failed (a person must look) or cancelled. A worker claims
the letters to one resident that are due, by a lease; a lease that ran out means that the worker died and nobody knows
whether they went out. Those to doctors and to the webhook then go out again, with the same key; texts to residents do
not: they fail, for a person to look at.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from cdss.serving.platform.audit import now as written_now
from cdss.serving.platform.database import exclusive
from cdss.serving.population.outreach.core.quiet import Quiet
from cdss.serving.population.outreach.core.reminder import Channel, Recipient
from cdss.serving.population.outreach.optout import WAITING
from cdss.serving.population.outreach.tables import letter

CLAIM_LOCK = 7245211
LEASE_SECONDS = 300.0  # far longer than any sending takes
INTERRUPTED = "interrupted"
TO_RESIDENT = sa.and_(letter.c.channel == "text", letter.c.recipient == "resident")
FREE = sa.or_(letter.c.lease == 0, sa.not_(TO_RESIDENT))


@dataclass(frozen=True, slots=True)
class Claim:
    """Letters to one recipient about one resident that go out as one. `key` is the same at every attempt."""

    token: str
    key: str
    resident_id: str
    channel: Channel
    recipient: Recipient
    urgent: bool
    attempts: int
    ids: tuple[str, ...]
    reminder_ids: tuple[str, ...]


def is_due(engine: sa.Engine, channel: Channel, now: datetime) -> bool:
    """Whether there is anything to claim; asks without a lock."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(letter.c.id).where(*_due(channel, now.timestamp())).limit(1)) is not None


def claim(engine: sa.Engine, channel: Channel, now: datetime, quiet: Quiet) -> Claim | None:
    """Take the most pressing letters; what must not go out before the quiet hours end is held until then."""
    seconds, token = now.timestamp(), str(uuid4())
    with engine.begin() as connection:
        exclusive(connection, CLAIM_LOCK)
        if until := quiet.until(now):
            changed = {"state": "held", "due": until.timestamp(), "at": written_now()}
            held = sa.update(letter).where(*_due(channel, seconds), sa.not_(letter.c.urgent))
            connection.execute(held.values(changed))
        order = (letter.c.urgent.desc(), letter.c.due, letter.c.id)
        first = connection.execute(sa.select(letter).where(*_due(channel, seconds)).order_by(*order).limit(1)).first()
        if first is None:
            return None
        taken = {
            "lease": seconds + LEASE_SECONDS,
            "claim": token,
            "carrier": first.carrier or first.id,
            "attempts": letter.c.attempts + 1,
            "at": written_now(),
        }
        together = (
            letter.c.resident_id == first.resident_id,
            letter.c.recipient == first.recipient,
            letter.c.carrier == first.carrier,
        )
        connection.execute(sa.update(letter).where(*_due(channel, seconds), *together).values(taken))
        return _claimed(connection, token)


def _due(channel: Channel, seconds: float) -> tuple[sa.ColumnElement[bool], ...]:
    waiting = letter.c.state.in_(WAITING), letter.c.channel == channel
    return (*waiting, letter.c.due <= seconds, letter.c.lease <= seconds, FREE)


def _claimed(connection: sa.Connection, token: str) -> Claim:
    rows = connection.execute(sa.select(letter).where(letter.c.claim == token).order_by(letter.c.id)).all()
    first = rows[0]
    return Claim(
        token=token,
        key=first.carrier,
        resident_id=first.resident_id,
        channel=first.channel,
        recipient=first.recipient,
        urgent=any(row.urgent for row in rows),
        attempts=max(row.attempts for row in rows),
        ids=tuple(row.id for row in rows),
        reminder_ids=tuple(row.reminder_id for row in rows),
    )


def sent(connection: sa.Connection, token: str, via: str) -> int:
    """They went out, whatever was thought of them meanwhile; how many they were."""
    return _settle(connection, letter.c.claim == token, state="sent", via=via, error="")


def later(connection: sa.Connection, token: str, error: str, due: float) -> int:
    """They did not go out and are tried again when `due`."""
    return _settle(connection, _held_by(token), state="queued", error=error, due=due)


def failed(connection: sa.Connection, token: str, error: str) -> int:
    """They did not go out; a person must look."""
    return _settle(connection, _held_by(token), state="failed", error=error)


def cancelled(connection: sa.Connection, token: str, ids: list[str], error: str) -> int:
    """Some of the claimed letters need not, or must not, go out."""
    return _settle(connection, sa.and_(_held_by(token), letter.c.id.in_(ids)), state="cancelled", error=error)


def interrupted(connection: sa.Connection, now: datetime) -> list[tuple[str, str]]:
    """Texts to residents whose worker died while sending fail; their (resident id, letter id)."""
    lost = letter.c.state.in_(WAITING), TO_RESIDENT, letter.c.lease > 0, letter.c.lease <= now.timestamp()
    changed = {"state": "failed", "error": INTERRUPTED, "lease": 0.0, "at": written_now()}
    given_up = sa.update(letter).where(*lost).values(changed).returning(letter.c.resident_id, letter.c.id)
    return [(resident_id, id) for resident_id, id in connection.execute(given_up)]


def retry(connection: sa.Connection, now: datetime, letter_id: str = "") -> list[tuple[str, str]]:
    """Try failed letters again, one or all of them; their (resident id, letter id)."""
    chosen = letter.c.state == "failed", *((letter.c.id == letter_id,) if letter_id else ())
    fresh = {"state": "queued", "due": now.timestamp(), "attempts": 0, "lease": 0.0, "claim": "", "at": written_now()}
    again = sa.update(letter).where(*chosen).values(fresh).returning(letter.c.resident_id, letter.c.id)
    return [(resident_id, id) for resident_id, id in connection.execute(again)]


def listed(
    connection: sa.Connection, limit: int, offset: int = 0, state: str = "", resident_id: str = ""
) -> tuple[list[dict[str, Any]], int]:
    """Letters, last changed first, and how many there are in all."""
    wanted = [letter.c[name] == value for name, value in (("state", state), ("resident_id", resident_id)) if value]
    total = connection.scalar(sa.select(sa.func.count()).select_from(letter).where(*wanted))
    shown = [letter.c[name] for name in SHOWN]
    query = sa.select(*shown).where(*wanted).order_by(letter.c.at.desc(), letter.c.id).limit(limit).offset(offset)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [{**row, "due": datetime.fromtimestamp(row["due"]).astimezone().isoformat()} for row in rows], total or 0


SHOWN = (
    "id", "resident_id", "channel", "recipient", "urgent", "state", "due", "attempts", "error", "via", "at",
    "reminder_id",
)  # fmt: skip


def counts(engine: sa.Engine) -> dict[tuple[str, str], int]:
    """How many letters there are, by channel and state."""
    query = sa.select(letter.c.channel, letter.c.state, sa.func.count()).group_by(letter.c.channel, letter.c.state)
    with engine.connect() as connection:
        return {(channel, state): count for channel, state, count in connection.execute(query)}


def _held_by(token: str) -> sa.ColumnElement[bool]:
    return sa.and_(letter.c.claim == token, letter.c.state.in_(WAITING))


def _settle(connection: sa.Connection, which: sa.ColumnElement[bool], **changed: Any) -> int:
    values = {"lease": 0.0, "at": written_now(), **changed}
    return connection.execute(sa.update(letter).where(which).values(values)).rowcount
