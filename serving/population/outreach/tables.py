"""What outreach remembers: reminders, letters on their way, who wants none, and the ids residents have in FHIR.

Days are ISO 8601, empty where there is none; `due` and `lease` are seconds since 1970. No names, no telephone numbers:
`resident_id` is what the site calls the resident. A letter holds no words; they are made when it goes out.
"""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

UUID, RESIDENT, DAY = sa.String(36), sa.String(64), sa.String(10)

reminder = sa.Table(
    "reminder",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("resident_id", RESIDENT, nullable=False),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # core.reminder.State
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("opened", DAY, nullable=False),
    sa.Column("due", DAY, nullable=False),
    sa.Column("closed", DAY, nullable=False),
    sa.Column("doctor", sa.String(128), nullable=False),
    sa.Column("advice", sa.Text, nullable=False),  # scoring.assessment.Advice as JSON
    sa.Column("texts", sa.Integer, nullable=False),  # texts made for the resident
    sa.Column("text_id", UUID, nullable=False),  # the last of them
    sa.UniqueConstraint("resident_id", "rule", "episode", name="uq_reminder_episode"),
    sa.Index(
        "uq_reminder_open",
        "resident_id",
        "rule",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

letter = sa.Table(
    "letter",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("key", sa.String(128), nullable=False, unique=True),  # what it is about
    sa.Column("reminder_id", UUID, nullable=False, index=True),
    sa.Column("resident_id", RESIDENT, nullable=False, index=True),
    sa.Column("channel", sa.String(8), nullable=False),  # text, webhook
    sa.Column("recipient", sa.String(8), nullable=False),  # resident, doctor
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # queued, held, sent, failed, cancelled
    sa.Column("due", sa.Float, nullable=False),  # not to be tried before
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease", sa.Float, nullable=False),  # until when a worker has it; 0: nobody
    sa.Column("claim", UUID, nullable=False),  # of the worker that has it or had it last
    sa.Column("carrier", UUID, nullable=False),  # letters to one resident that go out as one share it
    sa.Column("error", sa.String(64), nullable=False),  # why not: a code, never content
    sa.Column("via", sa.String(64), nullable=False),  # what took it: the sender's name, or webhook
    sa.Column("at", sa.String(32), nullable=False),  # of the last change, ISO 8601, UTC
    sa.Index("ix_letter_waiting", "state", "channel", "due"),
)

opt_out = sa.Table(
    "opt_out",
    metadata,
    sa.Column("resident_id", RESIDENT, primary_key=True),
    sa.Column("source", sa.String(8), primary_key=True),  # request: said to us; table: a column of the resident table
    sa.Column("at", sa.String(32), nullable=False),
)

fhir_subject = sa.Table(
    "fhir_subject",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # begins the ids of the resident's RiskAssessments
    sa.Column("resident_id", RESIDENT, nullable=False, unique=True),
)
