"""A house for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from outreach import House, house


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses by settings; they end with the test."""
    made: list[House] = []

    def make(**settings: Any) -> House:
        made.append(house(tmp_path / str(len(made)), **settings))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture
def home(make_house: Callable[..., House]) -> House:
    """A house with the usual settings."""
    return make_house()
