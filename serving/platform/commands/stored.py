"""What the service has recorded, opened for a command to read."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import typer

from cdss.serving.platform import database
from cdss.serving.platform.config import ConfigError, settings
from cdss.serving.platform.tables import audit


@contextmanager
def records() -> Iterator[sa.Connection]:
    """A connection to the records of this installation; the usage error says so if there are none."""
    try:
        current = settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
    nothing = f"found no records in {current.state}; start `cdss serve` first or set CDSS_HOME"
    if current.database.startswith("sqlite") and not (current.state / "cdss.sqlite").exists():
        raise typer.BadParameter(nothing)
    engine = database.connect(current.database)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table(audit.name):
                raise typer.BadParameter(nothing)
            yield connection
    finally:
        engine.dispose()
