"""A database of its own, and a small model's answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cdss.serving.platform import database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    yield engine
    engine.dispose()
