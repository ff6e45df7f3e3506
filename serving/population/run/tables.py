"""Runs shared by several workers, in the database: nothing else has to be shared. Rows go when the run was fetched."""

import sqlalchemy as sa

from cdss.serving.platform.database import metadata

population_run = sa.Table(
    "population_run",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # hash of its identity: the same run is queued once
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("options", sa.Text, nullable=False),  # part.Options as JSON
    sa.Column("digests", sa.Text, nullable=False),  # of models and knowledge, which the workers must have too
)

population_part = sa.Table(
    "population_part",
    metadata,
    sa.Column("run", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("first_row", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, index=True),  # queued, running, done, failed
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("worker", sa.String(128), nullable=False),  # who has it; empty if nobody
    sa.Column("since", sa.Float, nullable=False),  # in this state, seconds since 1970
    sa.Column("input", sa.LargeBinary, nullable=False),  # Parquet: the batch, cleaned
    sa.Column("rows", sa.LargeBinary, nullable=True),  # Parquet: what is to be written
    sa.Column("faults", sa.LargeBinary, nullable=True),  # Parquet
    sa.Column("told", sa.Text, nullable=False),  # counts and rules that failed, as JSON; or why it failed
)
