"""The process that sends: `python -m cdss.serving.population.outreach.worker`, until SIGTERM.

A process of its own, so that a plug-in that hangs or dies disturbs nothing else. Several may share a database. When one
letter takes as long as its lease lasts, SIGALRM ends the process: the supervisor starts it again, and what it had at
hand is treated as after any death.
"""

import signal
import threading

import sqlalchemy as sa
import structlog

from cdss.serving.platform import database
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.log import configure
from cdss.serving.population.outreach.sending.channels import post_of, post_without_texts
from cdss.serving.population.outreach.sending.outbox import LEASE_SECONDS
from cdss.serving.population.outreach.sending.post import Post

TICK_SECONDS = 2.0
AGAIN_SECONDS = 60.0  # a sender that cannot be used is looked for again
HANGING_SECONDS = LEASE_SECONDS

log = structlog.get_logger()


def main() -> None:
    """Send what is due, every few seconds, until SIGTERM or SIGINT; the letter at hand is finished."""
    current = settings()
    configure(current.log_level, "outreach")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    serve(current, engine, stopped)
    engine.dispose()
    log.info("stopped")


def serve(current: Settings, engine: sa.Engine, stopped: threading.Event) -> None:
    """Rounds until told to stop. The database may be away, and the sender unusable: both are said and waited for."""
    post, again, migrated = None, 0.0, False

    def go_on() -> bool:
        signal.setitimer(signal.ITIMER_REAL, HANGING_SECONDS)
        return not stopped.is_set()

    while not stopped.wait(TICK_SECONDS):
        go_on()
        try:
            if not migrated:
                database.migrate(engine)
                migrated = True
            if post is None or (not post.complete and again <= 0):
                post, again = _post(current, engine), AGAIN_SECONDS
            again -= TICK_SECONDS
            if done := +post.round(go_on):
                log.info("reminders", **done)
        except Exception as e:  # the process outlives every fault; the letters wait
            log.error("reminders not sent", error=type(e).__name__)
            stopped.wait(TICK_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _post(current: Settings, engine: sa.Engine) -> Post:
    try:
        return post_of(current, engine)
    except ConfigError as e:
        log.error("no texts are sent", reason=str(e))
        return post_without_texts(current, engine)


if __name__ == "__main__":
    main()
