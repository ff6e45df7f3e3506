"""Reminders: what is due to whom, what was sent, who wants none."""

from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID, RESIDENT, DAY, SHORT, TIME = sa.String(36), sa.String(64), sa.String(10), sa.String(16), sa.String(32)
NAMESPACE = UUID("3c0a7a52-0f0b-5a0e-9d0e-6b1d0c8f4a11")  # of cdss.serving.population.outreach
AT_ONCE = 10_000


def upgrade() -> None:
    """Create the tables; residents already on the worklist get their FHIR ids."""
    _reminders()
    _letters()
    op.create_table(
        "opt_out",
        sa.Column("resident_id", RESIDENT, primary_key=True),
        sa.Column("source", sa.String(8), primary_key=True),
        sa.Column("at", TIME, nullable=False),
    )
    subject = op.create_table(
        "fhir_subject",
        sa.Column("id", TIME, primary_key=True),
        sa.Column("resident_id", RESIDENT, nullable=False),
        sa.UniqueConstraint("resident_id", name="uq_fhir_subject_resident_id"),
    )
    rows = op.get_bind().execute(sa.text("SELECT id FROM resident")).scalars()
    for part in rows.partitions(AT_ONCE):
        op.bulk_insert(subject, [{"id": uuid5(NAMESPACE, id).hex, "resident_id": id} for id in part])


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", ID, primary_key=True),
        sa.Column("resident_id", RESIDENT, nullable=False),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("state", SHORT, nullable=False, index=True),
        sa.Column("severity", SHORT, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("opened", DAY, nullable=False),
        sa.Column("due", DAY, nullable=False),
        sa.Column("closed", DAY, nullable=False),
        sa.Column("doctor", sa.String(128), nullable=False),
        sa.Column("advice", sa.Text, nullable=False),
        sa.Column("texts", sa.Integer, nullable=False),
        sa.Column("text_id", ID, nullable=False),
        sa.UniqueConstraint("resident_id", "rule", "episode", name="uq_reminder_episode"),
    )
    where = sa.text("state = 'open'")
    op.create_index(
        "uq_reminder_open", "reminder", ["resident_id", "rule"], unique=True, sqlite_where=where, postgresql_where=where
    )


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", ID, primary_key=True),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("reminder_id", ID, nullable=False, index=True),
        sa.Column("resident_id", RESIDENT, nullable=False, index=True),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("recipient", sa.String(8), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("state", SHORT, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.Float, nullable=False),
        sa.Column("claim", ID, nullable=False),
        sa.Column("carrier", ID, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("via", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("key", name="uq_letter_key"),
    )
    op.create_index("ix_letter_waiting", "letter", ["state", "channel", "due"])


def downgrade() -> None:
    """Remove them."""
    for table in ("fhir_subject", "opt_out", "letter", "reminder"):
        op.drop_table(table)
