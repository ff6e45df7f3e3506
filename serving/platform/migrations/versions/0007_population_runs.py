"""Population runs cut into parts that several workers share."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "population_run",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("digests", sa.Text, nullable=False),
    )
    op.create_table(
        "population_part",
        sa.Column("run", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("first_row", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False, index=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(128), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("input", sa.LargeBinary, nullable=False),
        sa.Column("rows", sa.LargeBinary, nullable=True),
        sa.Column("faults", sa.LargeBinary, nullable=True),
        sa.Column("told", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("population_part")
    op.drop_table("population_run")
