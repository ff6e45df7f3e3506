"""What a batch of assessments changes, stored: reminders opened and closed, letters put on their way."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdss.serving.platform import audit
from cdss.serving.platform.audit import pseudonymiser
from cdss.serving.platform.config import Settings
from cdss.serving.platform.database import exclusive
from cdss.serving.population.outreach import optout
from cdss.serving.population.outreach.core.plan import Changes, Known, Wishes, planned, posted
from cdss.serving.population.outreach.core.reminder import Reminder, State
from cdss.serving.population.outreach.fhir.ids import subject_id
from cdss.serving.population.outreach.rows import letter_row, read, reminder_row
from cdss.serving.population.outreach.site import wishes_of, zone_of
from cdss.serving.population.outreach.tables import fhir_subject, letter, reminder
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist.tables import advice, resident

REMEMBER_LOCK = 7245210
AT_ONCE = 1000
RESOLVED = "resolved"
CHANGING = ("state", "closed", "texts", "text_id")
HANDLED: dict[str, State] = {"done": "done", "seen": "done", "unsuitable": "declined"}


def remember(
    connection: sa.Connection, assessments: Iterable[Assessment], now: datetime, current: Settings
) -> dict[str, int]:
    """Store what these assessments change; called in the transaction that keeps them on the worklist, after that.

    The counts of reminders `opened` and `closed`, and of `letters` put on their way. Callers take turns until their
    transaction ends. `now` has a time zone. Of two assessments of one resident the last counts; one without an id is
    nobody's.
    """
    last = list({one.id: one for one in assessments if one.id}.values())
    counts = {"opened": 0, "closed": 0, "letters": 0}
    if not last:
        return counts
    exclusive(connection, REMEMBER_LOCK)
    wishes, names = wishes_of(current), pseudonymiser(current.state)
    for start in range(0, len(last), AT_ONCE):
        part = last[start : start + AT_ONCE]
        optout.read_tables(connection, part, names)
        for name, count in _part(connection, part, wishes, now).items():
            counts[name] += count
    return counts


def handled(
    connection: sa.Connection, resident_id: str, rule: str, how: str | None, now: datetime, current: Settings
) -> None:
    """The doctor handled an item of advice on the worklist (agenda.How), or opened it again (None)."""
    exclusive(connection, REMEMBER_LOCK)
    query = sa.select(reminder).where(reminder.c.resident_id == resident_id, reminder.c.rule == rule)
    row = connection.execute(query.order_by(reminder.c.episode.desc()).limit(1)).first()
    if row is None:
        return
    state: State = HANDLED[how] if how else "open"
    if row.state == state or row.state not in ("open", *HANDLED.values()):
        return
    day = now.astimezone(zone_of(current)).date() if how else None
    one = msgspec.structs.replace(read(row), state=state, closed=day)
    letters = posted(one, wishes_of(current), now)
    _store(connection, [Changes(closed=(one,), letters=tuple(letters))])


def _part(
    connection: sa.Connection, assessments: Sequence[Assessment], wishes: Wishes, now: datetime
) -> dict[str, int]:
    known = _known(connection, [one.id for one in assessments])
    changes = [planned(one, known[one.id], wishes, now) for one in assessments]
    _name_subjects(connection, assessments)
    _store(connection, changes)
    return {
        "opened": sum(len(one.opened) for one in changes),
        "closed": sum(len(one.closed) for one in changes),
        "letters": sum(len(one.letters) for one in changes),
    }


def _known(connection: sa.Connection, ids: list[str]) -> dict[str, Known]:
    """By resident; a few questions for the whole batch."""
    last = sa.select(reminder.c.resident_id, reminder.c.rule, sa.func.max(reminder.c.episode))
    last = last.where(reminder.c.resident_id.in_(ids)).group_by(reminder.c.resident_id, reminder.c.rule)
    episodes: dict[str, dict[str, int]] = {}
    for who, rule, episode in connection.execute(last):
        episodes.setdefault(who, {})[rule] = episode
    open_, waiting = _open(connection, ids)
    handled, out, days = _handled(connection, ids), optout.wants_none(connection, ids), _days(connection, ids)
    return {
        id: Known(
            open=open_.get(id, {}),
            episodes=episodes.get(id, {}),
            handled=handled.get(id, {}),
            waiting=frozenset(waiting.get(id, ())),
            opted_out=id in out,
            day=days.get(id),
        )
        for id in ids
    }


def _days(connection: sa.Connection, ids: list[str]) -> dict[str, date]:
    """The day of the latest assessment of each resident on the worklist."""
    rows = connection.execute(sa.select(resident.c.id, resident.c.day).where(resident.c.id.in_(ids)))
    return {id: date.fromisoformat(day) for id, day in rows if day}


def _open(connection: sa.Connection, ids: list[str]) -> tuple[dict[str, dict[str, Reminder]], dict[str, set[str]]]:
    """Open reminders by resident and rule; by resident, the ids of those whose last text has not gone out yet."""
    query = sa.select(reminder, letter.c.state.label("text_state"))
    query = query.outerjoin(letter, letter.c.id == reminder.c.text_id)
    query = query.where(reminder.c.resident_id.in_(ids), reminder.c.state == "open")
    found: dict[str, dict[str, Reminder]] = {}
    waiting: dict[str, set[str]] = {}
    for row in connection.execute(query):
        one = read(row)
        found.setdefault(one.resident_id, {})[one.rule] = one
        if row.text_state in optout.WAITING:
            waiting.setdefault(one.resident_id, set()).add(one.id)
    return found, waiting


def _handled(connection: sa.Connection, ids: list[str]) -> dict[str, dict[str, State]]:
    """By resident, the rules whose advice is handled on the worklist, and what that makes of a reminder."""
    query = sa.select(advice.c.resident, advice.c.rule, advice.c.handled)
    found: dict[str, dict[str, State]] = {}
    for who, rule, how in connection.execute(query.where(advice.c.resident.in_(ids), advice.c.handled != "")):
        found.setdefault(who, {})[rule] = HANDLED[how]
    return found


def _store(connection: sa.Connection, changes: Sequence[Changes]) -> None:
    """Closed ones first: only one reminder of a rule may be open."""
    closed = [one for change in changes for one in change.closed]
    opened = [one for change in changes for one in change.opened]
    letters = [one for change in changes for one in change.letters]
    _update(connection, [*closed, *(one for change in changes for one in change.told)])
    _cancel_texts(connection, [one.id for one in closed])
    if opened:
        connection.execute(sa.insert(reminder), [reminder_row(one) for one in opened])
    if letters:
        at = audit.now()
        connection.execute(sa.insert(letter), [letter_row(one, at) for one in letters])


def _update(connection: sa.Connection, changed: Sequence[Reminder]) -> None:
    if changed:
        values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in CHANGING}
        rows = [reminder_row(one) for one in changed]
        filled = [{"of": row["id"], **{f"to_{name}": row[name] for name in CHANGING}} for row in rows]
        connection.execute(sa.update(reminder).where(reminder.c.id == sa.bindparam("of")).values(values), filled)


def _cancel_texts(connection: sa.Connection, reminder_ids: list[str]) -> None:
    """Texts about what is done need not go out; one that is just going out asks again by itself."""
    waiting = letter.c.state.in_(optout.WAITING), letter.c.lease == 0, letter.c.channel == "text"
    changed = {"state": "cancelled", "error": RESOLVED, "at": audit.now()}
    for start in range(0, len(reminder_ids), AT_ONCE):
        about = letter.c.reminder_id.in_(reminder_ids[start : start + AT_ONCE])
        connection.execute(sa.update(letter).where(about, *waiting).values(changed))


def _name_subjects(connection: sa.Connection, assessments: Sequence[Assessment]) -> None:
    rows = [{"id": subject_id(one.id), "resident_id": one.id} for one in assessments]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(fhir_subject).on_conflict_do_nothing(), rows)
