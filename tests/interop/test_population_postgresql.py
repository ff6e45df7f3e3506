"""Two workers on one PostgreSQL share a population run, and killing one loses nothing."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from cdss.serving.platform import database
from cdss.serving.platform.demo.residents import make_residents
from cdss.serving.population.run.tables import population_part as part

pytestmark = pytest.mark.interop
PARTS, SIZE = 5, 50_000


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    one = database.connect(url)
    database.migrate(one)
    yield one
    one.dispose()


@pytest.fixture(scope="module")
def residents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five parts of residents: the same five thousand under many ids."""
    folder = tmp_path_factory.mktemp("residents")
    make_residents(folder / "few.csv", 5000, 3, date(2026, 11, 20))
    few = pl.read_csv(folder / "few.csv", infer_schema=False)
    copies = [few.with_columns(pl.col("id") + f"-{copy}") for copy in range(PARTS * SIZE // len(few))]
    pl.concat(copies).write_csv(folder / "residents.csv")
    return folder / "residents.csv"


def scoring(url: str, home: Path, residents: Path, out: Path, *more: str) -> "subprocess.Popen[bytes]":
    command = [str(Path(sys.executable).with_name("cdss")), "score", str(residents), "--out", str(out), *more]
    environment = {"CDSS_HOME": str(home), "CDSS_DATABASE_URL": url.replace("+psycopg", ""), "CDSS_LANG": "en"}
    return subprocess.Popen([*command], env={**environment, "PATH": ""}, stderr=subprocess.PIPE)


def at_work(engine: sa.Engine) -> set[str]:
    """The workers that have a part in hand."""
    with engine.connect() as connection:
        return set(connection.execute(sa.select(part.c.worker).where(part.c.state == "running")).scalars())


def test_a_killed_worker_loses_nothing(
    worker: Callable[..., Any], url: str, engine: sa.Engine, residents: Path, tmp_path: Path
) -> None:
    address = url.replace("+psycopg", "")
    first, second = (worker(database_url=address, worker_id=name) for name in ("first", "second"))
    for one in (first, second):
        one.start()
    run = scoring(url, tmp_path, residents, tmp_path / "shared.csv")
    deadline = time.monotonic() + 120
    while at_work(engine) != {"first", "second"} and time.monotonic() < deadline:
        time.sleep(0.02)
    assert at_work(engine) == {"first", "second"}
    first.kill()
    said = run.communicate(timeout=200)[1].decode()
    assert run.returncode == 0, said
    assert f"{PARTS * SIZE} residents" in said
    assert second.stop() == 0
    alone = scoring(url, tmp_path, residents, tmp_path / "alone.csv", "--here")
    alone.communicate(timeout=200)
    assert alone.returncode == 0
    assert (tmp_path / "shared.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(part)) == 0
