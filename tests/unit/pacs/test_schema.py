"""The migrations make the tables that the code declares."""

from pathlib import Path
from typing import Any

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
    assert [found for found in differences if OURS & concerned(found)] == []


def concerned(difference: Any) -> set[str]:
    """The tables that a difference is about: `(add_table, table)`, `(add_column, schema, table name, column)` ..."""
    if isinstance(difference, list):  # changes of one column
        return set.union(*map(concerned, difference))
    return {
        part if isinstance(part, str) else getattr(getattr(part, "table", part), "name", "") for part in difference[1:3]
    }
