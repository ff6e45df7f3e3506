"""What is counted, and the predictions and outcomes that are compared. Days are ISO 8601 texts."""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

counted = sa.Table(  # how many residents, never who
    "counted",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),  # with the site layer's mark
    sa.Column("kind", sa.String(16), primary_key=True),  # input, score, answered, unanswered
    sa.Column("name", sa.String(64), primary_key=True),  # of the feature, the tier, or why there is no answer
    sa.Column("bin", sa.Integer, primary_key=True, autoincrement=False),  # of the reference; -1 is missing
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Index("ix_counted_model", "model", "kind", "day"),
)

baseline = sa.Table(  # the days that are this site's own normal, by model and its version without a layer
    "baseline",
    metadata,
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),
    sa.Column("first_day", sa.String(10), nullable=False),
    sa.Column("last_day", sa.String(10), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)

prediction = sa.Table(  # of residents on the worklist, until CDSS_PREDICTION_DAYS are over
    "prediction",
    metadata,
    sa.Column("resident", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True, index=True),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
)

observed = sa.Table(  # predictions whose outcome came back
    "observed",
    metadata,
    sa.Column("resident", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("predicted_on", sa.String(10), primary_key=True),
    sa.Column("day", sa.String(10), nullable=False),  # of the outcome
    sa.Column("event", sa.Integer, nullable=False),  # 1 or 0
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
)
