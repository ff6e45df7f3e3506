"""The worker process: `python -m cdss.serving.pacs.worker [dicom] [worker]`, by default both, until SIGTERM.

`dicom` is the listener, `worker` the workflows; more workers of other names may share a PostgreSQL database.
"""

import signal
import sys
import threading
from contextlib import ExitStack
from typing import Protocol

import sqlalchemy as sa
import structlog

from cdss.serving.pacs.flow import durable
from cdss.serving.pacs.flow.steps import Site
from cdss.serving.pacs.flow.watch import TICK_SECONDS, Watch
from cdss.serving.pacs.imaging_client import RemoteDetector
from cdss.serving.pacs.intake.listener import Listener
from cdss.serving.pacs.intake.store import Store, store_of
from cdss.serving.pacs.launch import ROLES
from cdss.serving.platform import database
from cdss.serving.platform.config import Settings, settings
from cdss.serving.platform.log import configure
from cdss.serving.population.run import durable as shared_runs

FINISH_SECONDS = 10

log = structlog.get_logger()


class Ticking(Protocol):
    """Looks at the rows and starts what is due."""

    def tick(self) -> None:
        """Look once."""


def main(roles: tuple[str, ...] = ROLES) -> None:
    """Run until SIGTERM or SIGINT; then finish what is at hand and leave."""
    current = settings()
    configure(current.log_level, "worker")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    store = store_of(current)
    with ExitStack() as running:
        if "dicom" in roles:
            listener = Listener(current, engine, store)
            listener.start()
            running.callback(listener.stop)
        if "worker" in roles:
            watches = _watches(current, engine, store)
            running.callback(durable.stop, FINISH_SECONDS)
            _serve(watches, stopped)
        stopped.wait()
    log.info("stopped")


def _watches(current: Settings, engine: sa.Engine, store: Store) -> list[Ticking]:
    """What looks at the rows: the pre-reads, and population runs where several workers can share them."""
    store.incoming.mkdir(parents=True, exist_ok=True)
    site, name = Site(current, engine, store, RemoteDetector(current)), durable.executor_id(current)
    population = shared_runs.site(current, engine, name)
    preread = durable.launch(current, site, population.register)
    population.serve()
    return [Watch(site, preread, name), population]


def _serve(watches: list[Ticking], stopped: threading.Event) -> None:
    """Tick until told to stop; a database that is away for a while is waited for."""
    while not stopped.wait(TICK_SECONDS):
        try:
            for watch in watches:
                watch.tick()
        except sa.exc.OperationalError as e:
            log.error("database away", error=type(e.orig).__name__)
            stopped.wait(2.0)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or ROLES)
