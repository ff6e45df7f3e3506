"""The same database work on a real PostgreSQL: schema, audit by several writers, worklist."""

import multiprocessing
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

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


def program(name: str) -> str:
    """A PostgreSQL program, on the PATH or where Debian keeps it; the test is skipped by name if it is missing."""
    found = shutil.which(name) or next((str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if found is None:
        pytest.skip(f"PostgreSQL ({name}) is not installed")
    return found


def as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A cluster of its own on a free port; it ends with the tests."""
    initdb, postgres = program("initdb"), program("postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(
        subprocess.run(as_postgres("mktemp", "-d"), capture_output=True, text=True, check=True).stdout.strip()
    )
    data = folder / "data"
    subprocess.run(as_postgres(initdb, "-A", "trust", "-U", "cdss", "-D", str(data)), check=True, capture_output=True)
    options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(as_postgres(postgres, "-D", str(data), *options), stderr=subprocess.DEVNULL)
    address = f"postgresql+psycopg://cdss@127.0.0.1:{port}/postgres"
    wait_until_it_answers(address)
    yield address
    server.terminate()
    server.wait(20)
    subprocess.run(as_postgres("rm", "-rf", str(folder)), check=True)


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        engine = database.connect(url)
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        finally:
            engine.dispose()


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
