"""The worklist: one row a resident, as last assessed. No names: `id` is what the site calls the resident."""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

resident = sa.Table(
    "resident",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),  # when assessed, ISO 8601, UTC
    sa.Column("village", sa.String(128), nullable=False, index=True),
    sa.Column("doctor", sa.String(128), nullable=False, index=True),
    sa.Column("tier", sa.String(8), nullable=False),  # high, medium, low, unknown
    sa.Column("urgency", sa.Float, nullable=False, index=True),  # the order of the list, largest first
    sa.Column("due", sa.String(10), nullable=False),  # of the next action; empty if there is none
    sa.Column("told", sa.Text, nullable=False),  # assess.Assessment as JSON
)
