"""Who wants no texts: said to us (`request`), or in the column `opt_out` of the resident table (`table`).

Either is enough. What the table says is taken back only by a table that says no; a table without the column, or
without an answer, changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdss.serving.platform import audit
from cdss.serving.platform.audit import Pseudonymiser, entry, now
from cdss.serving.population.outreach.tables import letter, opt_out
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist.tables import resident

OPTED_OUT = "opted-out"
WAITING = ("queued", "held")


def is_id(text: str) -> bool:
    """Whether this can be a resident's id: 1 to 64 visible characters."""
    return 1 <= len(text) <= 64 and text.isprintable()


def wants_none(connection: sa.Connection, resident_ids: Sequence[str]) -> set[str]:
    """Those of them who want no texts."""
    query = sa.select(opt_out.c.resident_id).where(opt_out.c.resident_id.in_(resident_ids))
    return set(connection.execute(query).scalars())


def put(connection: sa.Connection, resident_id: str, actor: str, names: Pseudonymiser) -> bool:
    """A resident, or who speaks for them, wants no texts; what waits is cancelled. False if that was known."""
    if not _add(connection, [resident_id], "request"):
        return False
    audit.append(connection, [_entry(resident_id, "out", actor, names)])
    return True


def take_back(connection: sa.Connection, resident_id: str, actor: str, names: Pseudonymiser) -> bool:
    """The resident wants texts again, whoever said otherwise. False if that was known."""
    gone = connection.execute(sa.delete(opt_out).where(opt_out.c.resident_id == resident_id)).rowcount
    if gone:
        audit.append(connection, [_entry(resident_id, "in", actor, names)])
    return bool(gone)


def read_tables(connection: sa.Connection, assessments: Iterable[Assessment], names: Pseudonymiser) -> None:
    """Take over what the resident tables say in the column `opt_out`, once they are kept on the worklist.

    A no of an earlier day than the worklist's is not heard.
    """
    told = {one.id: one for one in assessments if "opt_out" in one.record}
    out = _add(connection, [id for id, one in told.items() if one.record["opt_out"] is True], "table")
    back = _remove(connection, {id: one.day for id, one in told.items() if one.record["opt_out"] is False})
    entries = [_entry(one, "out", "table", names) for one in out] + [_entry(one, "in", "table", names) for one in back]
    if entries:
        audit.append(connection, entries)


def _add(connection: sa.Connection, resident_ids: Sequence[str], source: str) -> list[str]:
    """Those of whom it was not known; two who say it at once are no conflict."""
    if not resident_ids:
        return []
    at = now()
    rows = [{"resident_id": id, "source": source, "at": at} for id in resident_ids]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(opt_out).on_conflict_do_nothing().returning(opt_out.c.resident_id)
    added = list(connection.execute(insert, rows).scalars())
    theirs = letter.c.resident_id.in_(resident_ids), letter.c.channel == "text", letter.c.recipient == "resident"
    waiting = letter.c.state.in_(WAITING), letter.c.lease == 0
    changed = {"state": "cancelled", "error": OPTED_OUT, "at": at}
    connection.execute(sa.update(letter).where(*theirs, *waiting).values(changed))
    return added


def _remove(connection: sa.Connection, days: Mapping[str, date]) -> list[str]:
    """Take back what tables said of these residents, unless the worklist knows a later day; those it was known of."""
    if not days:
        return []
    said = opt_out.c.resident_id.in_(days), opt_out.c.source == "table"
    rows = connection.execute(sa.select(resident.c.id, resident.c.day).where(resident.c.id.in_(days)))
    latest = {row.id: row.day for row in rows}
    known = connection.execute(sa.select(opt_out.c.resident_id).where(*said)).scalars()
    back = [id for id in known if days[id].isoformat() >= latest.get(id, "")]
    if back:
        connection.execute(sa.delete(opt_out).where(*said, opt_out.c.resident_id.in_(back)))
    return back


def _entry(resident_id: str, outcome: str, actor: str, names: Pseudonymiser) -> dict[str, str]:
    return entry("opt-out", actor, names.of(resident_id), outcome, {})
