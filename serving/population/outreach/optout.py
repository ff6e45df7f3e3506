"""Who wants no texts: said to us (`request`), or in the column `opt_out` of the resident table (`table`).

Either is enough. What the table says is taken back only by a table that says no; a table without the column, or
without an answer, changes nothing.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from cdss.serving.platform import audit
from cdss.serving.platform.audit import Pseudonymiser, entry, now
from cdss.serving.population.outreach.tables import letter, opt_out
from cdss.serving.population.scoring.assessment import Assessment

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
    if (resident_id, "request") in _said(connection, [resident_id]):
        return False
    _add(connection, [resident_id], "request")
    audit.append(connection, [_entry(resident_id, "out", actor, names)])
    return True


def take_back(connection: sa.Connection, resident_id: str, actor: str, names: Pseudonymiser) -> bool:
    """The resident wants texts again, whoever said otherwise. False if that was known."""
    gone = connection.execute(sa.delete(opt_out).where(opt_out.c.resident_id == resident_id)).rowcount
    if gone:
        audit.append(connection, [_entry(resident_id, "in", actor, names)])
    return bool(gone)


def read_tables(connection: sa.Connection, assessments: Iterable[Assessment], names: Pseudonymiser) -> None:
    """Take over what the resident tables say in the column `opt_out`."""
    told = {one.id: one.record["opt_out"] for one in assessments if "opt_out" in one.record}
    if not told:
        return
    before = {resident for resident, source in _said(connection, list(told)) if source == "table"}
    out = [resident for resident, value in told.items() if value is True and resident not in before]
    back = [resident for resident, value in told.items() if value is False and resident in before]
    if out:
        _add(connection, out, "table")
    if back:
        where = opt_out.c.resident_id.in_(back), opt_out.c.source == "table"
        connection.execute(sa.delete(opt_out).where(*where))
    entries = [_entry(one, "out", "table", names) for one in out] + [_entry(one, "in", "table", names) for one in back]
    if entries:
        audit.append(connection, entries)


def _said(connection: sa.Connection, resident_ids: Sequence[str]) -> set[tuple[str, str]]:
    query = sa.select(opt_out.c.resident_id, opt_out.c.source).where(opt_out.c.resident_id.in_(resident_ids))
    return {(resident, source) for resident, source in connection.execute(query)}


def _add(connection: sa.Connection, resident_ids: Sequence[str], source: str) -> None:
    at = now()
    rows = [{"resident_id": resident, "source": source, "at": at} for resident in resident_ids]
    connection.execute(sa.insert(opt_out), rows)
    theirs = letter.c.resident_id.in_(resident_ids), letter.c.channel == "text", letter.c.recipient == "resident"
    waiting = letter.c.state.in_(WAITING), letter.c.lease == 0
    changed = {"state": "cancelled", "error": OPTED_OUT, "at": at}
    connection.execute(sa.update(letter).where(*theirs, *waiting).values(changed))


def _entry(resident_id: str, outcome: str, actor: str, names: Pseudonymiser) -> dict[str, str]:
    return entry("opt-out", actor, names.of(resident_id), outcome, {})
