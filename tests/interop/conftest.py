"""Peers that several interop tests need."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cdss.serving.platform import database


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
