"""The rows of a shared run: a part is somebody's, is done once, and is not lost with its worker."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.flow.watch import beat
from cdss.serving.platform import database
from cdss.serving.population.output.rows import HEADER
from cdss.serving.population.run import books
from cdss.serving.population.run.part import FAULTS, Options, Part

RUN, OPTIONS = "run", Options(date(2026, 11, 20), "en")
MADE = Part(pl.DataFrame({name: ["x"] for name in HEADER}), pl.DataFrame(schema=FAULTS), {"residents": 1}, ("a/rule",))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """A database with one queued part, at a time that `later` moves."""
    one = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.migrate(one)
    monkeypatch.setattr(clock, "seconds", lambda: 1000.0)
    books.open_run(one, RUN, OPTIONS, {"knowledge": "d"})
    books.queue(one, RUN, 0, 1, pl.DataFrame({"id": ["r1"]}))
    yield one
    one.dispose()


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = clock.seconds() + seconds
    monkeypatch.setattr(clock, "seconds", lambda: now)


def test_a_part_queued_twice_is_there_once(engine: sa.Engine) -> None:
    books.queue(engine, RUN, 0, 1, pl.DataFrame({"id": ["other"]}))
    assert books.due(engine) == [(RUN, 0, 1)]


def test_who_takes_it_gets_what_was_asked(engine: sa.Engine) -> None:
    job = books.take(engine, RUN, 0, 1, "first")
    assert job is not None
    assert (job.first_row, job.options, job.digests) == (1, OPTIONS, {"knowledge": "d"})
    assert books.unpacked(job.input)["id"].to_list() == ["r1"]
    assert books.due(engine) == []


def test_it_is_done_once_and_what_it_brings_with_it_too(engine: sa.Engine) -> None:
    brought: list[str] = []
    books.take(engine, RUN, 0, 1, "first")
    for who in ("first", "second"):
        books.done(engine, RUN, 0, 1, MADE, lambda _, who=who: brought.append(who))  # type: ignore[misc]
    assert brought == ["first"]
    found = books.made(engine, RUN, 0)
    assert (found.rows.equals(MADE.rows), found.counts, found.failures) == (True, MADE.counts, MADE.failures)


def test_what_it_brings_fails_with_it(engine: sa.Engine) -> None:
    def broken(_: sa.Connection) -> None:
        raise ZeroDivisionError

    books.take(engine, RUN, 0, 1, "first")
    with pytest.raises(ZeroDivisionError):
        books.done(engine, RUN, 0, 1, MADE, broken)
    assert books.states(engine, RUN) == {"running": 1}


def test_the_part_of_a_dead_worker_is_queued_again_and_the_dead_ones_answer_is_not_taken(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(engine, "first")
    books.take(engine, RUN, 0, 1, "first")
    later(monkeypatch, books.DEAD_SECONDS + 1)
    books.rescue(engine)
    assert books.due(engine) == [(RUN, 0, 2)]
    assert not books.done(engine, RUN, 0, 1, MADE, lambda _: None)
    assert books.take(engine, RUN, 0, 1, "first") is None


def test_a_living_worker_keeps_its_part_however_long_it_takes(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.take(engine, RUN, 0, 1, "first")
    later(monkeypatch, 10 * books.DEAD_SECONDS)
    beat(engine, "first")
    books.rescue(engine)
    assert books.states(engine, RUN) == {"running": 1}


def test_a_part_that_ends_its_workers_has_failed_in_the_end(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for attempt in range(1, books.MOST_ATTEMPTS + 1):
        assert books.take(engine, RUN, 0, attempt, f"worker {attempt}")
        later(monkeypatch, books.DEAD_SECONDS + 1)
        books.rescue(engine)
    assert books.states(engine, RUN) == {"failed": 1}
    assert books.reason(engine, RUN) == "its worker ended 5 times while it was being scored"


def test_nothing_is_left_of_a_run_that_was_fetched(engine: sa.Engine) -> None:
    books.remove(engine, RUN)
    assert (books.states(engine, RUN), books.due(engine)) == ({}, [])
