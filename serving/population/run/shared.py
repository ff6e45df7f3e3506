"""A run handed to the workers on a shared database: cut into parts, queued, waited for, fetched."""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from cdss.serving.population.intake.table import Table
from cdss.serving.population.run import books
from cdss.serving.population.run.here import numbered
from cdss.serving.population.run.part import Options, Part

LOOK_SECONDS = 0.3
Told = Callable[[str], None]


class RunFailed(RuntimeError):
    """A part cannot be scored; nothing is written. Says why."""


def parts(engine: sa.Engine, table: Table, options: Options, who: dict[str, Any], told: Told) -> Iterator[Part]:
    """Every part in order, scored by the workers. The same run is queued once: a second call waits for the first.

    `told` hears how it goes. RunFailed if one cannot be scored: the run is forgotten.
    """
    id = hashlib.sha256(msgspec.json.encode(who, order="deterministic")).hexdigest()
    count = _queued(engine, id, table, options, who["digests"])
    _wait(engine, id, count, told)
    for number in range(count):
        yield books.made(engine, id, number)
    books.remove(engine, id)


def _queued(engine: sa.Engine, id: str, table: Table, options: Options, digests: dict[str, str]) -> int:
    """Puts all parts down; those that are there from before stay as they are."""
    books.open_run(engine, id, options, digests)
    count = 0
    for number, (first, batch) in enumerate(numbered(table)):
        books.queue(engine, id, number, first, batch)
        count = number + 1
    return count


def _wait(engine: sa.Engine, id: str, count: int, told: Told) -> None:
    seen: tuple[int, bool] | None = None
    while True:
        states, living = books.states(engine, id), books.someone_works(engine)
        if states.get("failed"):
            why = books.reason(engine, id)
            books.remove(engine, id)
            raise RunFailed(f"{states['failed']} of {count} parts could not be scored: {why}")
        finished = states.get("done", 0)
        if (finished, living) != seen:
            seen = (finished, living)
            told(f"{finished} of {count} parts done" + ("" if living else "; waiting: no worker is alive"))
        if finished == count:
            return
        time.sleep(LOOK_SECONDS)
