"""Work written behind: what must be recorded of an answer is recorded after it, never in front of it.

One thread takes jobs from a bounded queue, a batch at a time, into one database transaction. While the database is
away the jobs wait, first in memory, then appended to a spool file; nothing that was accepted is dropped.
"""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

log = structlog.get_logger()
Job = dict[str, Any]
Write = Callable[[sa.Connection, list[Job]], None]
BATCH, RETRY_SECONDS, IN_MEMORY = 200, 1.0, 10_000


class Behind:
    """A queue of jobs and the thread that writes them. `write` stores a batch within one transaction."""

    def __init__(self, engine: sa.Engine, write: Write, spool: Path) -> None:
        self._engine, self._write, self._spool = engine, write, spool
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
        self.failing_since: float | None = None  # time.monotonic() of the first failure in a row

    def start(self) -> None:
        """Begin writing, what an earlier process left in the spool first."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Accept a job; returns at once."""
        self._jobs.put(job)

    def waiting(self) -> int:
        """Jobs not yet stored."""
        return self._jobs.qsize()

    def stop(self, seconds: float = 10.0) -> None:
        """Write what is waiting, or spool it, and end."""
        self._jobs.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        pending = self._unspool()
        ending = False
        while not ending or pending:
            ending = self._fill(pending, ending) or ending
            if self._store(pending):
                continue
            if ending or len(pending) > IN_MEMORY:
                self._to_spool(pending)
            else:
                time.sleep(RETRY_SECONDS)

    def _fill(self, pending: list[Job], ending: bool) -> bool:
        """Move jobs from the queue to `pending`, waiting for one if there is none; True when told to end."""
        while len(pending) < BATCH or not self._jobs.empty():
            if self._jobs.empty() and (pending or ending):
                return False
            job = self._jobs.get()
            if job is None:
                return True
            pending.append(job)
        return False

    def _store(self, pending: list[Job]) -> bool:
        """Store and clear `pending`; False if the database would not."""
        try:
            if pending:
                with self._engine.begin() as connection:
                    self._write(connection, pending)
            pending.clear()
            self.failing_since = None
        except sa.exc.SQLAlchemyError as e:
            if self.failing_since is None:
                self.failing_since = time.monotonic()
                log.warning("database away, audit waits", error=type(e).__name__, waiting=len(pending))
            return False
        return True

    def _to_spool(self, pending: list[Job]) -> None:
        self._spool.parent.mkdir(parents=True, exist_ok=True)
        with self._spool.open("ab") as file:
            file.writelines(msgspec.json.encode(job) + b"\n" for job in pending)
        pending.clear()

    def _unspool(self) -> list[Job]:
        if not self._spool.exists():
            return []
        jobs: list[Job] = [msgspec.json.decode(line) for line in self._spool.read_bytes().splitlines() if line]
        self._spool.unlink()
        return jobs
