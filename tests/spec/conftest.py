"""The front as its callers see it, in this process."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a front with a home of its own."""
    current = Settings(home=tmp_path_factory.mktemp("home"), lang="en")
    with TestClient(application(current)) as client:
        yield client
