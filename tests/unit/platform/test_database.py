"""Migrations lead exactly to the tables the code declares."""

from pathlib import Path

import alembic.autogenerate
import sqlalchemy as sa
from alembic.migration import MigrationContext

import cdss.serving.pacs.tables
import cdss.serving.platform.tables
import cdss.serving.population.monitoring.tables
import cdss.serving.population.outreach.tables
import cdss.serving.population.run.tables
import cdss.serving.population.worklist.tables  # noqa: F401
from cdss.serving.platform import database


def difference(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return list(alembic.autogenerate.compare_metadata(context, database.metadata))


def test_migrations_make_the_declared_tables(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    database.migrate(engine)  # again is no error
    assert difference(engine) == []
    engine.dispose()


def test_sqlite_keeps_what_was_committed(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    with engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]  # 2 is FULL
    engine.dispose()
