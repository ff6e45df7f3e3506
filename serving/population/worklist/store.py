"""The worklist in the database: residents as last assessed, most urgent first, and what they were measured at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.dialects import postgresql, sqlite

from cdss.serving.platform.audit import now
from cdss.serving.platform.database import exclusive
from cdss.serving.population.scoring.assessment import DISEASES, Assessment, Tier
from cdss.serving.population.worklist.agenda import Handled, Item, agenda, asked, evidence, pressing, weighed
from cdss.serving.population.worklist.changes import Change, Snapshot, changes, noteworthy, snapshot
from cdss.serving.population.worklist.tables import advice, measurement, resident

AT_ONCE = 1000
WORKLIST_LOCK = 7245192
NUL = "\0"  # no text in PostgreSQL has one
NOT_A_TREND = frozenset({"age", "parents_with_hypertension", "sbp_previous", "dbp_previous", "fpg_previous_mmol"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A resident on the worklist: the last assessment, what is to be done, and what changed.

    `changes` were found on `changed_on`; they stay through later assessments that found nothing noteworthy. `before` is
    what the last assessment was compared with.
    """

    assessment: Assessment
    items: tuple[Item, ...]
    changes: tuple[Change, ...] = ()
    changed_on: date | None = None
    before: Snapshot | None = None

    @property
    def tier(self) -> Tier:
        """The resident's tier: of everything said, whether it was handled or is carried on."""
        return weighed(self.assessment, self.items).tier

    @property
    def compared_with(self) -> date | None:
        """The day of the assessment that `changes` were found against; None: there is no earlier one."""
        if self.changes:
            return self.changes[0].since
        return self.before.day if self.before else None

    @property
    def open(self) -> tuple[Item, ...]:
        """What waits for the doctor, the most pressing first."""
        return tuple(item for item in self.items if item.open)


@dataclass(frozen=True, slots=True)
class Visit:
    """What was measured on a day: numbers by column of the resident table."""

    day: date
    found: dict[str, float]


def keep(connection: sa.Connection, assessments: Iterable[Assessment]) -> int:
    """Store assessments, each in place of the resident's last one; those without an id cannot be kept. The number.

    Storing the same assessments again changes nothing. One of an earlier day than the last adds its measurements only.
    """
    named = [assessment for assessment in assessments if assessment.id]
    if named:
        exclusive(connection, WORKLIST_LOCK)
    for start in range(0, len(named), AT_ONCE):
        _keep(connection, named[start : start + AT_ONCE])
    return len(named)


def _keep(connection: sa.Connection, assessments: Sequence[Assessment]) -> None:
    entries = {entry.assessment.id: entry for entry in several(connection, sorted({one.id for one in assessments}))}
    changed: dict[str, Entry] = {}
    for assessment in assessments:
        earlier = entries.get(assessment.id)
        if earlier is None or assessment.day >= earlier.assessment.day:
            entries[assessment.id] = changed[assessment.id] = after(assessment, earlier)
    _upsert(connection, resident, [_row(entry) for entry in changed.values()])
    write_items(connection, changed.values())
    _upsert(connection, measurement, list(_measured(assessments).values()))


def after(assessment: Assessment, earlier: Entry | None) -> Entry:
    """The resident's entry once this assessment is made. Of several on one day the last counts."""
    items = agenda(assessment, earlier.items if earlier else ())
    entry = Entry(assessment, items)
    if earlier is None:
        return entry
    same_day = earlier.assessment.day == assessment.day
    before = earlier.before if same_day else _snapshot(earlier)
    if before is None:
        return entry
    found = changes(before, _snapshot(entry), assessment)
    if noteworthy(found):
        return Entry(assessment, items, found, assessment.day, before)
    if earlier.changed_on in (None, assessment.day):
        return Entry(assessment, items, found, None, before)
    return Entry(assessment, items, earlier.changes, earlier.changed_on, before)


def _snapshot(entry: Entry) -> Snapshot:
    return snapshot(entry.assessment, entry.tier, entry.items)


def _row(entry: Entry) -> dict[str, Any]:
    assessment, open_ = entry.assessment, entry.open
    known = assessment.diseases
    return {
        "id": assessment.id,
        "at": now(),
        "village": assessment.village,
        "doctor": assessment.doctor,
        "tier": entry.tier,
        "day": assessment.day.isoformat(),
        **{disease: disease in known for disease in DISEASES},
        "changed_on": _day(entry.changed_on),
        "changes": msgspec.json.encode(entry.changes).decode(),
        "before": msgspec.json.encode(entry.before).decode() if entry.before else "",
        "told": msgspec.json.encode(assessment).decode(),
        **_open(assessment, open_),
    }


def _open(assessment: Assessment, open_: Sequence[Item]) -> dict[str, Any]:
    """The columns that follow from what is open."""
    return {
        "urgency": weighed(assessment, open_).urgency,
        "due": _day(min((item.due for item in open_ if item.due), default=None)),
        "overdue_from": _day(min((day for item in open_ if (day := item.overdue_from)), default=None)),
        "open_items": len(open_),
        "emergency": any(item.emergency for item in open_),
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def write_items(connection: sa.Connection, entries: Iterable[Entry]) -> None:
    """Put these items in place of those the residents had."""
    entries = list(entries)
    ids = [entry.assessment.id for entry in entries]
    connection.execute(sa.delete(advice).where(advice.c.resident.in_(ids)))
    rows = [
        {
            "resident": entry.assessment.id,
            "rule": item.advice.rule,
            "handled": item.handled.how if item.handled else "",
            "item": msgspec.json.encode(item).decode(),
        }
        for entry in entries
        for item in entry.items
    ]
    if rows:
        connection.execute(sa.insert(advice), rows)


def _measured(assessments: Sequence[Assessment]) -> dict[tuple[str, str], dict[str, Any]]:
    """A row a resident and visit; of a row in doubt nothing."""
    rows = {}
    for assessment in assessments:
        found = {
            name: value
            for name, value in assessment.record.items()
            if not isinstance(value, bool) and name not in NOT_A_TREND
        }
        if found and asked(assessment):
            day = (assessment.last_visit or assessment.day).isoformat()
            text = msgspec.json.encode(found).decode()
            rows[assessment.id, day] = {"resident": assessment.id, "day": day, "found": text}
    return rows


def _upsert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def one(connection: sa.Connection, id: str) -> Entry | None:
    """One resident; None if not on the list."""
    return next(iter(several(connection, [id])), None) if NUL not in id else None


def several(connection: sa.Connection, ids: Sequence[str]) -> list[Entry]:
    """Residents in this order; those not on the list are left out."""
    items = _items(connection, ids)
    rows = connection.execute(sa.select(resident).where(resident.c.id.in_(ids))).mappings()
    found = {row["id"]: _entry(row, items.get(row["id"], [])) for row in rows}
    return [found[id] for id in ids if id in found]


def _items(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    query = sa.select(advice.c.resident, advice.c.item).where(advice.c.resident.in_(ids))
    for id, text in connection.execute(query):
        found.setdefault(id, []).append(msgspec.json.decode(text, type=Item))
    return found


def _entry(row: sa.RowMapping, items: list[Item]) -> Entry:
    return Entry(
        assessment=msgspec.json.decode(row["told"], type=Assessment),
        items=tuple(sorted(items, key=pressing)),
        changes=msgspec.json.decode(row["changes"], type=tuple[Change, ...]),
        changed_on=date.fromisoformat(row["changed_on"]) if row["changed_on"] else None,
        before=msgspec.json.decode(row["before"], type=Snapshot) if row["before"] else None,
    )


def visits(connection: sa.Connection, id: str) -> list[Visit]:
    """What one resident was measured at, oldest first."""
    query = sa.select(measurement).where(measurement.c.resident == id).order_by(measurement.c.day)
    return [
        Visit(date.fromisoformat(row.day), msgspec.json.decode(row.found, type=dict[str, float]))
        for row in connection.execute(query)
    ]


def handle(connection: sa.Connection, id: str, rule: str, handled: Handled | None) -> Entry | None:
    """Mark an item of advice as handled, or as open again; the entry, or None if there is no such item."""
    exclusive(connection, WORKLIST_LOCK)
    entry = one(connection, id)
    if entry is None or all(item.advice.rule != rule for item in entry.items):
        return None
    items = tuple(
        structs.replace(item, handled=handled, evidence=evidence(entry.assessment))
        if item.advice.rule == rule
        else item
        for item in entry.items
    )
    entry = replace(entry, items=tuple(sorted(items, key=pressing)))
    write_items(connection, [entry])
    connection.execute(sa.update(resident).where(resident.c.id == id).values(**_open(entry.assessment, entry.open)))
    return entry
