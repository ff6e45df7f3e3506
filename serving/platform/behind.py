"""Work written behind: what must be recorded of an answer is recorded after it, never in front of it.

One thread takes jobs from a queue, a batch at a time, into one database transaction. While the database is away the
jobs wait, first in memory, then in a spool file; nothing that was accepted is dropped, and a job that no database will
take does not hold up the others: it is set aside, said in the log and counted. The thread outlives every exception.
"""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
import structlog

from cdss.serving.platform import metrics
from cdss.serving.platform.spool import Job, Spool

log = structlog.get_logger()
Write = Callable[[sa.Connection, list[Job]], None]
BATCH, RETRY_SECONDS, IN_MEMORY = 200, 1.0, 10_000
AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)  # a later try may succeed


class Behind:
    """A queue of jobs and the thread that writes them. `write` stores a batch within one transaction."""

    def __init__(self, engine: sa.Engine, write: Write, spool: Path) -> None:
        self._engine, self._write, self._spool = engine, write, Spool(spool)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
        self._pending: list[Job] = []  # taken from the queue, not yet stored
        self._left = False  # whether the spool holds jobs of an earlier process that are not stored yet
        self.failing_since: float | None = None  # time.monotonic() of the first failure in a row

    def start(self) -> None:
        """Begin writing, what an earlier process left in the spool first."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Accept a job; returns at once."""
        self._jobs.put(job)

    def waiting(self) -> int:
        """Jobs not yet stored."""
        return self._jobs.qsize() + len(self._pending)

    def alive(self) -> bool:
        """Whether what is put will be written: False before `start`, after `stop`, and if the thread died."""
        return self._thread.is_alive()

    def stop(self, seconds: float = 10.0) -> None:
        """Write what is waiting, or spool it, and end."""
        self._jobs.put(None)
        self._thread.join(seconds)
        if not self.alive():  # what it left, had it died, or what came after it ended
            self._fill(self._pending, ending=True)
            if self._pending:
                self._to_spool(self._pending)

    def _run(self) -> None:
        pending = self._pending
        pending += self._left_before()
        self._left, ending = bool(pending), False
        while not ending or pending:
            ending = self._fill(pending, ending) or ending
            if self._store(pending):
                continue
            if ending or len(pending) > IN_MEMORY:
                self._to_spool(pending)
                if ending:
                    return
            else:
                time.sleep(RETRY_SECONDS)

    def _left_before(self) -> list[Job]:
        """What an earlier process left; if that cannot be read it stays where it is, which is said."""
        try:
            return self._spool.read()
        except OSError as e:
            log.error("the spool cannot be read", error=type(e).__name__)
            return []

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
        """Store and clear `pending`; False if that is not possible now: the database is away, the disk is full."""
        try:
            self._commit(pending)
            pending.clear()
            if self._left:
                self._spool.clear()
        except Exception as e:
            if self.failing_since is None:
                self.failing_since = time.monotonic()
                log.warning("audit cannot be written, it waits", error=type(e).__name__, waiting=len(pending))
            return False
        self.failing_since, self._left = None, False
        return True

    def _commit(self, jobs: list[Job]) -> None:
        """All jobs in one transaction; if one of them cannot be stored, each in its own, and that one set aside."""
        if not jobs:
            return
        try:
            with self._engine.begin() as connection:
                self._write(connection, jobs)
        except AWAY:
            raise
        except Exception as e:
            log.error("a job cannot be stored", error=type(e).__name__, jobs=len(jobs))
            if len(jobs) == 1:
                self._spool.refuse(jobs[0])
                metrics.behind_refused.inc()
                return
            while jobs:  # what is stored leaves the list, so that nothing is stored twice
                self._commit(jobs[:1])
                del jobs[0]

    def _to_spool(self, pending: list[Job]) -> None:
        """Keep `pending` on disk and clear it; without room it stays in memory, which is said."""
        try:
            (self._spool.replace if self._left else self._spool.add)(pending)
        except OSError as e:
            log.error("no room for the spool", error=type(e).__name__, waiting=len(pending))
            return
        self._left = False
        pending.clear()
