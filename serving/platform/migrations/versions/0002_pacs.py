"""Studies, instances, results, deliveries and their feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

UID, HASH, TIME, SHORT = sa.String(64), sa.String(64), sa.String(32), sa.String(16)


def upgrade() -> None:
    """Create the tables of the PACS side."""
    _studies()
    _results()
    op.create_table(
        "worker",
        sa.Column("executor", sa.String(128), primary_key=True),
        sa.Column("beat", sa.Float, nullable=False),
    )


def _studies() -> None:
    op.create_table(
        "study",
        sa.Column("study_uid", UID, primary_key=True),
        sa.Column("state", SHORT, nullable=False, index=True),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("touched", sa.Float, nullable=False),
        sa.Column("manifest", HASH, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
    )
    op.create_table(
        "instance",
        sa.Column("sop_uid", UID, primary_key=True),
        sa.Column("sha256", HASH, primary_key=True),
        sa.Column("study_uid", UID, nullable=False, index=True),
        sa.Column("series_uid", UID, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("source", UID, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
    )
    _unique_where("uq_instance_current", "instance", "sop_uid", "current")
    op.create_table(
        "study_transition",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_uid", UID, nullable=False, index=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("state", SHORT, nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
    )


def _results() -> None:
    op.create_table(
        "result",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("study_uid", UID, nullable=False, index=True),
        sa.Column("manifest", HASH, nullable=False),
        sa.Column("model", sa.String(160), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("superseded_at", TIME),
        sa.Column("told", sa.Text, nullable=False),
        sa.UniqueConstraint("study_uid", "manifest", "model", name="uq_result_inputs_model"),
    )
    _unique_where("uq_result_current", "result", "study_uid", "superseded_at IS NULL")
    op.create_table(
        "delivery",
        sa.Column("sop_uid", UID, primary_key=True),
        sa.Column("result_id", sa.String(36), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("state", SHORT, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "finding_feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_uid", UID, nullable=False, index=True),
        sa.Column("result_id", sa.String(36), nullable=False),
        sa.Column("finding", SHORT, nullable=False),
        sa.Column("verdict", SHORT, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("model", sa.String(160), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )


def _unique_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Remove them."""
    for table in ("worker", "finding_feedback", "delivery", "result", "study_transition", "instance", "study"):
        op.drop_table(table)
