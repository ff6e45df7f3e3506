"""The migrations make the tables that the code declares."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cdss.serving.pacs import tables
from cdss.serving.platform import database

OURS = {"study", "instance", "study_transition", "result", "delivery", "finding_feedback", "worker"}


def test_a_migrated_database_is_what_the_tables_say(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.study.metadata)
    engine.dispose()
    assert [found for found in differences if any(f"'{name}'" in str(found) for name in OURS)] == []
