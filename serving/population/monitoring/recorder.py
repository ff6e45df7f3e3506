"""Counts of a running service written every few seconds, and at its end."""

import threading

import sqlalchemy as sa
import structlog

from cdss.serving.population.monitoring.tally import Tally

log = structlog.get_logger()
SECONDS = 10.0


class Recorder:
    """The thread that writes a tally. With the database away counts wait in memory: statistics are no trail."""

    def __init__(self, engine: sa.Engine, tally: Tally) -> None:
        self.tally, self._engine = tally, engine
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitoring", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._end.set()
        self._thread.join(5)
        self.write()

    def write(self) -> None:
        """Write now; a failure is said in the log and the counts are kept."""
        try:
            with self._engine.begin() as connection:
                self.tally.write(connection)
        except sa.exc.SQLAlchemyError as e:
            log.warning("counts cannot be written, they wait", error=type(e).__name__, answers=self.tally.waiting())

    def _run(self) -> None:
        while not self._end.wait(SECONDS):
            self.write()
