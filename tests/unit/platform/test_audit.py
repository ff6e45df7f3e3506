"""The trail: written behind, chained, and every tampering found."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from cdss.serving.platform import audit, database, metrics
from cdss.serving.platform.behind import Behind
from cdss.serving.platform.tables import audit as table


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    yield engine
    engine.dispose()


def write(connection: sa.Connection, jobs: list[dict[str, object]]) -> None:
    audit.append(connection, [job["entry"] for job in jobs])  # type: ignore[misc]


def filled(engine: sa.Engine, tmp_path: Path, count: int) -> None:
    behind = Behind(engine, write, tmp_path / "spool")
    behind.start()
    for number in range(count):
        behind.put({"entry": audit.entry("check", "emr", "p", "answered", {"n": number})})
    behind.stop()


def faults(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(audit.faults(connection))


def test_what_was_put_is_stored_in_order_and_chained(engine: sa.Engine, tmp_path: Path) -> None:
    filled(engine, tmp_path, 30)
    with engine.connect() as connection:
        details = connection.execute(sa.select(table.c.detail).order_by(table.c.seq)).scalars().all()
    assert [json.loads(detail)["n"] for detail in details] == list(range(30))
    assert faults(engine) == []


TAMPERINGS = [
    ("a changed outcome", "UPDATE audit SET outcome = 'refused' WHERE seq = 5", "entry 5 does not fit"),
    ("a changed detail", "UPDATE audit SET detail = '{}' WHERE seq = 7", "entry 7 does not fit"),
    ("a removed entry", "DELETE FROM audit WHERE seq = 4", "found entry 5 where 4 was expected"),
    ("two swapped", "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE seq END", "found entry"),
    ("a copied hash", "UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 1) WHERE seq = 2", "does not fit"),
]


@pytest.mark.parametrize(("what", "sql", "says"), TAMPERINGS, ids=[row[0] for row in TAMPERINGS])
def test_tampering_is_found(engine: sa.Engine, tmp_path: Path, what: str, sql: str, says: str) -> None:
    filled(engine, tmp_path, 10)
    with engine.begin() as connection:
        connection.execute(sa.text(sql))
    assert any(says in fault for fault in faults(engine))


def test_with_the_database_away_nothing_is_lost(tmp_path: Path) -> None:
    """The first process cannot write and spools; the next one, with a database, writes what it left."""
    away = database.connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}")
    filled(away, tmp_path, 5)
    assert len((tmp_path / "spool").read_bytes().splitlines()) == 5
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(engine)
    filled(engine, tmp_path, 2)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 7
    assert not (tmp_path / "spool").exists()
    engine.dispose()
    away.dispose()


def test_a_job_that_no_database_takes_is_set_aside_and_the_others_are_stored(engine: sa.Engine, tmp_path: Path) -> None:
    behind = Behind(engine, write, tmp_path / "spool")
    for number in range(3):
        behind.put({"entry": audit.entry("check", "emr", "p", "answered", {"n": number})})
    behind.put({"entry": {**audit.entry("check", "emr", "p", "answered", {}), "actor": None}})
    behind.put({"entry": audit.entry("check", "emr", "p", "answered", {"n": 4})})
    behind.start()
    behind.stop()
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 4
    assert faults(engine) == []
    assert len((tmp_path / "spool.refused").read_bytes().splitlines()) == 1


def stored(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_half_a_character_is_set_aside_counted_and_what_comes_after_it_is_stored(
    engine: sa.Engine, tmp_path: Path
) -> None:
    before = metrics.registry.get_sample_value("cdss_behind_refused_total") or 0
    behind = Behind(engine, write, tmp_path / "spool")
    behind.start()
    behind.put({"entry": {**audit.entry("check", "emr", "p", "answered", {}), "actor": "药\ud800"}})
    behind.put({"entry": audit.entry("check", "emr", "p", "answered", {})})
    while behind.waiting():
        time.sleep(0.01)
    assert behind.alive()
    behind.stop()
    assert (stored(engine), faults(engine)) == (1, [])
    assert metrics.registry.get_sample_value("cdss_behind_refused_total") == before + 1
    assert r'"actor": "药\ud800"' in (tmp_path / "spool.refused").read_text(encoding="utf-8")


def test_what_is_no_json_is_set_aside_in_words(engine: sa.Engine, tmp_path: Path) -> None:
    behind = Behind(engine, write, tmp_path / "spool")
    behind.start()
    behind.put({"entry": object()})
    behind.stop()
    assert b"object object" in (tmp_path / "spool.refused").read_bytes()


def test_with_no_room_to_set_a_job_aside_it_waits_and_nothing_dies(engine: sa.Engine, tmp_path: Path) -> None:
    """A folder stands where the file of refused jobs would be: as good as a full disk."""
    (tmp_path / "spool.refused").mkdir()
    behind = Behind(engine, write, tmp_path / "spool")
    behind.put({"entry": {**audit.entry("check", "emr", "p", "answered", {}), "actor": None}})
    behind.put({"entry": audit.entry("check", "emr", "p", "answered", {"n": 1})})
    behind.start()
    behind.stop()
    assert stored(engine) == 0
    assert len((tmp_path / "spool").read_bytes().splitlines()) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it dies: that is what is asked
def test_when_the_thread_has_died_what_waits_goes_to_the_spool(engine: sa.Engine, tmp_path: Path) -> None:
    def deadly(connection: sa.Connection, jobs: list[dict[str, object]]) -> None:
        raise SystemExit

    behind = Behind(engine, deadly, tmp_path / "spool")
    behind.start()
    for number in range(3):
        behind.put({"entry": audit.entry("check", "emr", "p", "answered", {"n": number})})
    behind.stop()
    assert not behind.alive()
    assert len((tmp_path / "spool").read_bytes().splitlines()) == 3


def test_a_broken_line_in_the_spool_is_set_aside(engine: sa.Engine, tmp_path: Path) -> None:
    job = {"entry": audit.entry("check", "emr", "p", "answered", {"n": 0})}
    (tmp_path / "spool").write_bytes(b'{"entry": {"at": "2026-\n' + msgspec.json.encode(job) + b"\n")
    filled(engine, tmp_path, 1)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 2
    assert (tmp_path / "spool.refused").read_bytes() == b'{"entry": {"at": "2026-\n'


def test_what_was_left_stays_on_disk_until_it_is_stored(tmp_path: Path) -> None:
    """Two processes in a row without a database: what the first left is there once, beside what the second left."""
    away = database.connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}")
    filled(away, tmp_path, 5)
    filled(away, tmp_path, 2)
    assert len((tmp_path / "spool").read_bytes().splitlines()) == 7
    away.dispose()


def test_pseudonyms_are_stable_here_and_different_elsewhere(tmp_path: Path) -> None:
    here, elsewhere = audit.pseudonymiser(tmp_path / "a"), audit.pseudonymiser(tmp_path / "b")
    assert here.of("p1") == audit.pseudonymiser(tmp_path / "a").of("p1")
    assert here.of("p1") != elsewhere.of("p1")
    assert "p1" not in here.of("p1")
    assert here.of(None) == ""
