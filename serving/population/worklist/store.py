"""The worklist in the database: residents as last assessed, most urgent first."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdss.serving.platform.audit import now
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist.tables import resident

CHANGED = ("at", "village", "doctor", "tier", "urgency", "due", "told")


def keep(connection: sa.Connection, assessments: Iterable[Assessment]) -> int:
    """Store assessments, each in place of the resident's last one; those without an id cannot be kept. The number."""
    rows = [_row(assessment) for assessment in assessments if assessment.id]
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(resident)
        changed = {name: insert.excluded[name] for name in CHANGED}
        connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changed), rows)
    return len(rows)


def _row(assessment: Assessment) -> dict[str, Any]:
    due = assessment.next.due if assessment.next else None
    return {
        "id": assessment.id,
        "at": now(),
        "village": assessment.village,
        "doctor": assessment.doctor,
        "tier": assessment.tier,
        "urgency": assessment.urgency,
        "due": due.isoformat() if due else "",
        "told": msgspec.json.encode(assessment).decode(),
    }


def page(
    connection: sa.Connection, limit: int, offset: int = 0, village: str = "", doctor: str = "", tier: str = ""
) -> tuple[list[Assessment], int]:
    """Residents, most urgent first, and how many there are in all."""
    wanted = [resident.c[n] == v for n, v in (("village", village), ("doctor", doctor), ("tier", tier)) if v]
    total = connection.scalar(sa.select(sa.func.count()).select_from(resident).where(*wanted))
    query = sa.select(resident.c.told).where(*wanted).order_by(resident.c.urgency.desc(), resident.c.id)
    told = connection.execute(query.limit(limit).offset(offset)).scalars()
    return [msgspec.json.decode(text, type=Assessment) for text in told], total or 0


def one(connection: sa.Connection, id: str) -> Assessment | None:
    """One resident as last assessed."""
    text = connection.scalar(sa.select(resident.c.told).where(resident.c.id == id))
    return msgspec.json.decode(text, type=Assessment) if text else None


def choices(connection: sa.Connection) -> dict[str, list[str]]:
    """The villages and doctors on the list, for filters."""
    return {name: _distinct(connection, resident.c[name]) for name in ("village", "doctor")}


def _distinct(connection: sa.Connection, column: "sa.Column[str]") -> list[str]:
    return [value for value in connection.execute(sa.select(column).distinct().order_by(column)).scalars() if value]
