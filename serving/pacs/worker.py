"""The worker process: `python -m cdss.serving.pacs.worker [dicom] [worker]`, by default both, until SIGTERM.

`dicom` is the listener, `worker` the workflows; more workers of other names may share a PostgreSQL database.
"""

import signal
import sys
import threading
from contextlib import ExitStack

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

FINISH_SECONDS = 10

log = structlog.get_logger()


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
            watch = _watch(current, engine, store)
            running.callback(durable.stop, FINISH_SECONDS)
            _serve(watch, stopped)
        stopped.wait()
    log.info("stopped")


def _watch(current: Settings, engine: sa.Engine, store: Store) -> Watch:
    store.incoming.mkdir(parents=True, exist_ok=True)
    site = Site(current, engine, store, RemoteDetector(current))
    return Watch(site, durable.launch(current, site), durable.executor_id(current))


def _serve(watch: Watch, stopped: threading.Event) -> None:
    """Tick until told to stop; a database that is away for a while is waited for."""
    while not stopped.wait(TICK_SECONDS):
        try:
            watch.tick()
        except sa.exc.OperationalError as e:
            log.error("database away", error=type(e.orig).__name__)
            stopped.wait(2.0)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or ROLES)
