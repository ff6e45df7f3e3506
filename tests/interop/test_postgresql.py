"""The same database work on a real PostgreSQL: schema, audit by several writers, worklist."""

import multiprocessing

import alembic.autogenerate
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext

import cdss.serving.pacs.tables
import cdss.serving.platform.tables
import cdss.serving.population.tables  # noqa: F401
from cdss.serving.platform import audit, database

pytestmark = pytest.mark.interop
WRITERS, ENTRIES = 3, 100


def test_migrations_make_the_declared_tables(url: str) -> None:
    engine = database.connect(url)
    database.migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert alembic.autogenerate.compare_metadata(context, database.metadata) == []
    engine.dispose()


def write(url: str, name: int) -> None:
    engine = database.connect(url)
    database.migrate(engine)
    for number in range(ENTRIES):
        with engine.begin() as connection:
            audit.append(connection, [audit.entry("check", f"emr{name}", "p", "answered", {"n": number})])
    engine.dispose()


def test_several_writers_keep_one_chain(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(url, name)) for name in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    engine = database.connect(url)
    with engine.connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM audit WHERE actor LIKE 'emr%'"))
        assert (count, list(audit.faults(connection))) == (WRITERS * ENTRIES, [])
    engine.dispose()
