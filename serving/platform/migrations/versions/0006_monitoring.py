"""Drift of inputs and scores, outcomes that came back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

DAY, NAME = sa.String(10), sa.String(64)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "counted",
        sa.Column("day", DAY, primary_key=True),
        sa.Column("model", NAME, primary_key=True),
        sa.Column("version", NAME, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.Column("bin", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("people", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_counted_model", "counted", ["model", "kind", "day"])
    op.create_table(
        "baseline",
        sa.Column("model", NAME, primary_key=True),
        sa.Column("version", NAME, primary_key=True),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    _predictions()


def _predictions() -> None:
    op.create_table(
        "prediction",
        sa.Column("resident", NAME, primary_key=True),
        sa.Column("model", NAME, primary_key=True),
        sa.Column("day", DAY, primary_key=True, index=True),
        sa.Column("version", NAME, nullable=False),
        sa.Column("tier", sa.String(32), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
    )
    op.create_table(
        "observed",
        sa.Column("resident", NAME, primary_key=True),
        sa.Column("model", NAME, primary_key=True),
        sa.Column("predicted_on", DAY, primary_key=True),
        sa.Column("day", DAY, nullable=False),
        sa.Column("event", sa.Integer, nullable=False),
        sa.Column("version", NAME, nullable=False),
        sa.Column("tier", sa.String(32), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("observed", "prediction", "baseline", "counted"):
        op.drop_table(table)
