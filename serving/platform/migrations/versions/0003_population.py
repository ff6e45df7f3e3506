"""The residents' worklist."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "resident",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("village", sa.String(128), nullable=False, index=True),
        sa.Column("doctor", sa.String(128), nullable=False, index=True),
        sa.Column("tier", sa.String(8), nullable=False),
        sa.Column("urgency", sa.Float, nullable=False, index=True),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("resident")
