"""What the PACS side remembers: studies, their instances and states, results, findings, what was sent, and feedback.

Times are ISO 8601, UTC, except `touched` and `due`: seconds since 1970, to compute with. No patient data.
"""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

UID = sa.String(64)
HASH = sa.String(64)
TIME = sa.String(32)

study = sa.Table(
    "study",
    metadata,
    sa.Column("study_uid", UID, primary_key=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # result.State
    sa.Column("cause", sa.String(32), nullable=False),  # code of reasons.py or of flow/states.py
    sa.Column("at", TIME, nullable=False),  # of the last transition
    sa.Column("received_at", TIME, nullable=False),
    sa.Column("touched", sa.Float, nullable=False),  # when the last instance came
    sa.Column("manifest", HASH, nullable=False),  # of the instances being read; empty while they are coming
    sa.Column("attempt", sa.Integer, nullable=False),  # how often reading was tried for want of a model
    sa.Column("due", sa.Float, nullable=False),  # not to be tried before
)

instance = sa.Table(
    "instance",
    metadata,
    sa.Column("sop_uid", UID, primary_key=True),
    sa.Column("sha256", HASH, primary_key=True),
    sa.Column("study_uid", UID, nullable=False, index=True),
    sa.Column("series_uid", UID, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),  # the first content that came under this UID
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("source", sa.String(64), nullable=False),  # calling AE title, or http
    sa.Column("received_at", TIME, nullable=False),
    sa.Index(
        "uq_instance_current",
        "sop_uid",
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    ),
)

transition = sa.Table(
    "study_transition",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_uid", UID, nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("cause", sa.String(32), nullable=False),
)

result = sa.Table(
    "result",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),  # from study, manifest, model, version, digest
    sa.Column("study_uid", UID, nullable=False, index=True),
    sa.Column("manifest", HASH, nullable=False),
    sa.Column("model", sa.String(160), nullable=False),  # name, version, digest; empty if nothing was read
    sa.Column("at", TIME, nullable=False),
    sa.Column("superseded_at", TIME),  # null: the current one
    sa.Column("told", sa.Text, nullable=False),  # result.StudyTold as JSON
    sa.UniqueConstraint("study_uid", "manifest", "model", name="uq_result_inputs_model"),
    sa.Index(
        "uq_result_current",
        "study_uid",
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    ),
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("sop_uid", UID, primary_key=True),
    sa.Column("result_id", sa.String(36), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),  # 0 the report, 1 and on the captures
    sa.Column("sha256", HASH, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # kept, pending, sent, dead
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("status", sa.String(64), nullable=False),  # what the PACS answered last, or why it did not
    sa.Column("at", TIME, nullable=False),
)

finding_feedback = sa.Table(
    "finding_feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_uid", UID, nullable=False, index=True),
    sa.Column("result_id", sa.String(36), nullable=False),
    sa.Column("finding", sa.String(16), nullable=False),  # number in the result, or "missed"
    sa.Column("verdict", sa.String(16), nullable=False),  # accept, reject, moved, missed
    sa.Column("detail", sa.Text, nullable=False),  # JSON: where it is instead
    sa.Column("model", sa.String(160), nullable=False),
    sa.Column("at", TIME, nullable=False),
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("executor", sa.String(128), primary_key=True),
    sa.Column("beat", sa.Float, nullable=False),  # when it last said that it is alive
)
