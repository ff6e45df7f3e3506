"""The platform's own tables: who did what (audit), and what clinicians said of our alerts (feedback)."""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601, UTC
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("subject", sa.String(128), nullable=False),  # a pseudonym of the patient, never the id itself
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),  # JSON: digests, versions, counts
    sa.Column("hash", sa.String(64), nullable=False),  # of this row and the hash before it
)

card = sa.Table(
    "card",
    metadata,
    sa.Column("uuid", sa.String(36), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("rule", sa.String(128), nullable=False, index=True),
    sa.Column("rule_version", sa.String(32), nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("card", sa.String(36), nullable=False, index=True),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("outcome_at", sa.String(40), nullable=False),
    sa.Column("reason_system", sa.String(256), nullable=False),
    sa.Column("reason_code", sa.String(128), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("suggestions", sa.Text, nullable=False),  # JSON list of accepted suggestion ids
    sa.UniqueConstraint("card", "outcome", "outcome_at", name="uq_feedback_card_outcome_at"),
)
