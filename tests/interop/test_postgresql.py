"""The same database work on a real PostgreSQL: schema, audit by several writers."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import alembic.autogenerate
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext

import cdss.serving.pacs.tables
import cdss.serving.platform.tables
import cdss.serving.population.monitoring.tables
import cdss.serving.population.outreach.tables
import cdss.serving.population.run.tables
import cdss.serving.population.worklist.tables  # noqa: F401
from cdss.serving.platform import audit, database

pytestmark = pytest.mark.interop
WRITERS, ENTRIES = 3, 100


@pytest.fixture
def connection(url: str) -> Iterator[sa.Connection]:
    engine = database.connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_migrations_make_the_declared_tables(url: str, connection: sa.Connection) -> None:
    database.migrate(connection.engine)
    context = MigrationContext.configure(connection)
    assert alembic.autogenerate.compare_metadata(context, database.metadata) == []


def test_several_writers_keep_one_chain(url: str, connection: sa.Connection) -> None:
    program = Path(__file__).parent / "audit_writer.py"
    writers = [
        subprocess.Popen([sys.executable, str(program), url, f"emr{number}", str(ENTRIES)]) for number in range(WRITERS)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS
    count = connection.scalar(sa.text("SELECT count(*) FROM audit WHERE actor LIKE 'emr%'"))
    assert (count, list(audit.faults(connection))) == (WRITERS * ENTRIES, [])
