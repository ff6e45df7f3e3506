"""What the worklist remembers: advice and what was done with it, what changed, measurements over time."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

AT_ONCE = 1000
DAY = sa.String(10)
INDEXED = ("village", "doctor", "urgency")
LISTED = (
    "urgency", "id", "tier", "doctor", "village", "due", "overdue_from", "open_items", "emergency", "hypertension",
    "diabetes", "cvd", "changed_on", "day",
)  # fmt: skip
DISEASES = ("hypertension", "diabetes", "cvd")
Row = dict[str, Any]


def upgrade() -> None:
    """Create the tables. What lists are filtered by has an index of its own: the long texts are not read for it."""
    for name in INDEXED:
        op.drop_index(f"ix_resident_{name}", "resident")
    op.rename_table("resident", "resident_0003")
    if op.get_bind().dialect.name == "postgresql":  # there a constraint keeps its name, which the new table needs
        op.drop_constraint("pk_resident", "resident_0003")
    resident = op.create_table("resident", *_columns())
    op.create_index("ix_resident_list", "resident", LISTED)
    advice = op.create_table(
        "advice",
        sa.Column("resident", sa.String(64), primary_key=True),
        sa.Column("rule", sa.String(128), primary_key=True),
        sa.Column("handled", sa.String(16), nullable=False),
        sa.Column("item", sa.Text, nullable=False),
    )
    op.create_table(
        "measurement",
        sa.Column("resident", sa.String(64), primary_key=True),
        sa.Column("day", DAY, primary_key=True),
        sa.Column("found", sa.Text, nullable=False),
    )
    _carry_over(op.get_bind(), resident, advice)
    op.drop_table("resident_0003")


def downgrade() -> None:
    """Back to the last assessments alone."""
    op.drop_table("measurement")
    op.drop_table("advice")
    op.drop_index("ix_resident_list", "resident")
    with op.batch_alter_table("resident") as batch:
        for name in ("day", "overdue_from", "open_items", "emergency", *DISEASES, "changed_on", "changes", "before"):
            batch.drop_column(name)
    op.create_index("ix_resident_urgency", "resident", ["urgency"])


def _columns() -> Iterator[sa.Column[Any]]:
    yield sa.Column("id", sa.String(64), primary_key=True)
    yield sa.Column("at", sa.String(32), nullable=False)
    yield sa.Column("village", sa.String(128), nullable=False, index=True)
    yield sa.Column("doctor", sa.String(128), nullable=False, index=True)
    yield sa.Column("tier", sa.String(8), nullable=False)
    yield sa.Column("urgency", sa.Float, nullable=False)
    yield sa.Column("due", DAY, nullable=False)
    yield sa.Column("day", DAY, nullable=False)
    yield sa.Column("overdue_from", DAY, nullable=False)
    yield sa.Column("open_items", sa.Integer, nullable=False)
    for name in ("emergency", *DISEASES):
        yield sa.Column(name, sa.Boolean, nullable=False)
    yield sa.Column("changed_on", DAY, nullable=False)
    for name in ("changes", "before", "told"):
        yield sa.Column(name, sa.Text, nullable=False)


def _carry_over(connection: sa.Connection, resident: sa.Table, advice: sa.Table) -> None:
    """Residents as they were; their advice is open from the day of the assessment."""
    rows = connection.execute(sa.text("SELECT * FROM resident_0003")).mappings()
    for part in rows.partitions(AT_ONCE):
        read = [(dict(row), json.loads(row["told"])) for row in part]
        connection.execute(sa.insert(resident), [row | _added(told) for row, told in read])
        items = [item for row, told in read for item in _items(row["id"], told)]
        if items:
            connection.execute(sa.insert(advice), items)


def _added(told: Row) -> Row:
    known, dues = told.get("record", {}), [one["due"] for one in told["advices"] if one["due"]]
    return {
        "day": told["day"],
        "overdue_from": (date.fromisoformat(min(dues)) + timedelta(days=1)).isoformat() if dues else "",
        "open_items": len(told["advices"]),
        "emergency": any(one["severity"] in ("contraindicated", "avoid") for one in told["advices"]),
        **{name: known.get(name) is True for name in DISEASES},
        "changed_on": "",
        "changes": "[]",
        "before": "",
    }


def _items(id: str, told: Row) -> Iterator[Row]:
    for one in told["advices"]:
        item = {"advice": one, "since": told["day"], "due": one["due"], "visit": told.get("last_visit"), "evidence": ""}
        yield {"resident": id, "rule": one["rule"], "handled": "", "item": json.dumps(item, ensure_ascii=False)}
