"""The rows of shared runs: what is queued, who has it, what is done. Every change is one transaction."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
import polars as pl
import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.rows import insert_new, writing
from cdss.serving.pacs.tables import worker
from cdss.serving.population.run.part import Options, Part
from cdss.serving.population.run.tables import population_part as part
from cdss.serving.population.run.tables import population_run as run

DEAD_SECONDS = 20.0  # without a sign of life of the worker that has a part
MOST_ATTEMPTS = 5

InTransaction = Callable[[sa.Connection], None]


class Job(msgspec.Struct, frozen=True):
    """A part to be scored."""

    first_row: int
    options: Options
    digests: dict[str, str]
    input: bytes


def open_run(engine: sa.Engine, id: str, options: Options, digests: dict[str, str]) -> None:
    """Put down a run, once."""
    values = {
        "id": id,
        "at": clock.now(),
        "options": msgspec.json.encode(options).decode(),
        "digests": msgspec.json.encode(digests).decode(),
    }
    with writing(engine) as connection:
        insert_new(connection, run, values)


def queue(engine: sa.Engine, id: str, number: int, first_row: int, batch: pl.DataFrame) -> None:
    """Queue a part, once."""
    values = {
        "run": id, "number": number, "first_row": first_row, "state": "queued", "attempt": 1, "worker": "",
        "since": clock.seconds(), "input": packed(batch), "told": "",
    }  # fmt: skip
    with writing(engine) as connection:
        insert_new(connection, part, values)


def due(engine: sa.Engine) -> list[tuple[str, int, int]]:
    """Queued parts: run, number, attempt."""
    query = sa.select(part.c.run, part.c.number, part.c.attempt).where(part.c.state == "queued")
    with engine.connect() as connection:
        return [(id, number, attempt) for id, number, attempt in connection.execute(query)]


def take(engine: sa.Engine, id: str, number: int, attempt: int, who: str) -> Job | None:
    """The part, now `who`'s; None if another attempt has it, or it is done."""
    mine = _this(id, number).where(part.c.attempt == attempt, part.c.state.in_(("queued", "running")))
    values = {"state": "running", "worker": who, "since": clock.seconds()}
    with writing(engine) as connection:
        if not connection.execute(mine.values(values)).rowcount:
            return None
        query = sa.select(part.c.first_row, run.c.options, run.c.digests, part.c.input).join_from(
            part, run, part.c.run == run.c.id
        )
        found = connection.execute(query.where(part.c.run == id, part.c.number == number)).one_or_none()
    if found is None:
        return None
    options, digests = msgspec.json.decode(found.options, type=Options), msgspec.json.decode(found.digests)
    return Job(found.first_row, options, digests, found.input)


def done(engine: sa.Engine, id: str, number: int, attempt: int, made: Part, also: InTransaction) -> bool:
    """Put down what was made of a part, and in the same transaction whatever else it brings; False if it is not ours.

    A part is done once: what a second attempt brings is not put down.
    """
    mine = _this(id, number).where(part.c.attempt == attempt, part.c.state == "running")
    told = msgspec.json.encode({"counts": made.counts, "failures": made.failures}).decode()
    values = {"state": "done", "rows": packed(made.rows), "faults": packed(made.faults), "told": told}
    with writing(engine) as connection:
        if not connection.execute(mine.values(since=clock.seconds(), **values)).rowcount:
            return False
        also(connection)
    return True


def failed(engine: sa.Engine, id: str, number: int, attempt: int, why: str) -> None:
    """The part cannot be scored, and why."""
    mine = _this(id, number).where(part.c.attempt == attempt, part.c.state == "running")
    with writing(engine) as connection:
        connection.execute(mine.values(state="failed", told=why, since=clock.seconds()))


def rescue(engine: sa.Engine) -> None:
    """Parts of workers that are dead are queued again; one that has killed MOST_ATTEMPTS workers has failed."""
    living = sa.select(worker.c.executor).where(worker.c.beat > clock.seconds() - DEAD_SECONDS)
    lost = sa.update(part).where(
        part.c.state == "running", part.c.since < clock.seconds() - DEAD_SECONDS, part.c.worker.not_in(living)
    )
    again = {"state": "queued", "worker": "", "attempt": part.c.attempt + 1, "since": clock.seconds()}
    why = f"its worker ended {MOST_ATTEMPTS} times while it was being scored"
    with writing(engine) as connection:
        connection.execute(lost.where(part.c.attempt < MOST_ATTEMPTS).values(again))
        connection.execute(lost.values(state="failed", told=why))


def states(engine: sa.Engine, id: str) -> dict[str, int]:
    """How many parts are in each state."""
    query = sa.select(part.c.state, sa.func.count()).where(part.c.run == id).group_by(part.c.state)
    with engine.connect() as connection:
        return {state: int(count) for state, count in connection.execute(query)}


def reason(engine: sa.Engine, id: str) -> str:
    """Why the first part that failed did."""
    query = sa.select(part.c.told).where(part.c.run == id, part.c.state == "failed").order_by(part.c.number)
    with engine.connect() as connection:
        return connection.scalar(query) or ""


def made(engine: sa.Engine, id: str, number: int) -> Part:
    """What was made of a part that is done."""
    query = sa.select(part.c.rows, part.c.faults, part.c.told).where(part.c.run == id, part.c.number == number)
    with engine.connect() as connection:
        rows, faults, text = connection.execute(query).one()
    told = msgspec.json.decode(text)
    return Part(unpacked(rows), unpacked(faults), told["counts"], tuple(told["failures"]))


def remove(engine: sa.Engine, id: str) -> None:
    """Forget a run."""
    with writing(engine) as connection:
        connection.execute(sa.delete(part).where(part.c.run == id))
        connection.execute(sa.delete(run).where(run.c.id == id))


def someone_works(engine: sa.Engine) -> bool:
    """Whether a worker has said lately that it is alive."""
    with engine.connect() as connection:
        latest = connection.scalar(sa.select(sa.func.max(worker.c.beat)))
    return latest is not None and clock.seconds() - float(latest) < DEAD_SECONDS


def packed(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet."""
    out = BytesIO()
    frame.write_parquet(out, compression="zstd")
    return out.getvalue()


def unpacked(content: bytes) -> pl.DataFrame:
    """The frame `packed` made."""
    return pl.read_parquet(BytesIO(content))


def _this(id: str, number: int) -> Any:
    return sa.update(part).where(part.c.run == id, part.c.number == number)
