"""The worklist: residents as last assessed, what is to be done for each, and what was measured over time.

No names: `id` is what the site calls the resident. Days are written YYYY-MM-DD; empty means there is none.
"""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

resident = sa.Table(  # the long texts come last
    "resident",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),  # when assessed, ISO 8601, UTC
    sa.Column("village", sa.String(128), nullable=False, index=True),
    sa.Column("doctor", sa.String(128), nullable=False, index=True),
    sa.Column("tier", sa.String(8), nullable=False),  # high, medium, low, unknown
    sa.Column("urgency", sa.Float, nullable=False),  # of what is open; the order of the list
    sa.Column("due", sa.String(10), nullable=False),  # the earliest day by which something open is due
    sa.Column("day", sa.String(10), nullable=False),  # of the assessment
    sa.Column("overdue_from", sa.String(10), nullable=False),  # the first day on which something open is overdue
    sa.Column("open_items", sa.Integer, nullable=False),  # how many items of advice are open
    sa.Column("emergency", sa.Boolean, nullable=False),  # whether an open one cannot wait
    sa.Column("hypertension", sa.Boolean, nullable=False),  # known to have it
    sa.Column("diabetes", sa.Boolean, nullable=False),
    sa.Column("cvd", sa.Boolean, nullable=False),
    sa.Column("changed_on", sa.String(10), nullable=False),  # the last assessment that found something changed
    sa.Column("changes", sa.Text, nullable=False),  # what it found: list of changes.Change as JSON
    sa.Column("before", sa.Text, nullable=False),  # changes.Snapshot of the last earlier day as JSON; empty: none
    sa.Column("told", sa.Text, nullable=False),  # assessment.Assessment as JSON
    sa.Index(  # all that lists are filtered and ordered by, so that none of the long texts is read
        "ix_resident_list", "urgency", "id", "tier", "doctor", "village", "due", "overdue_from", "open_items",
        "emergency", "hypertension", "diabetes", "cvd", "changed_on", "day",
    ),
)  # fmt: skip

advice = sa.Table(
    "advice",
    metadata,
    sa.Column("resident", sa.String(64), primary_key=True),
    sa.Column("rule", sa.String(128), primary_key=True),
    sa.Column("handled", sa.String(16), nullable=False),  # done, seen, unsuitable; empty: open
    sa.Column("item", sa.Text, nullable=False),  # agenda.Item as JSON
)

measurement = sa.Table(
    "measurement",
    metadata,
    sa.Column("resident", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),  # of the visit
    sa.Column("found", sa.Text, nullable=False),  # numbers by column of the resident table, JSON
)
