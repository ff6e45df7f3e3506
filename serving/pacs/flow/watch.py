"""Looks at the rows and starts what is due. The rows are the truth: what was started and lost is started again."""

from typing import Protocol

import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.flow import books
from cdss.serving.pacs.flow.steps import Site
from cdss.serving.pacs.rows import insert_new, writing
from cdss.serving.pacs.tables import delivery, study, worker

TICK_SECONDS = 0.25
BEAT_SECONDS = 5.0
LOST_SECONDS = 3600.0  # a study that runs for longer has lost its workflow: the model is waited for 900 s
REMEMBERED = 10_000


class Starter(Protocol):
    """Starts durable work; asking twice for the same starts it once."""

    def start_reading(self, study_uid: str, inputs: str, attempt: int) -> None:
        """Read a study."""

    def start_delivery(self, sop_uid: str, attempt: int) -> None:
        """Send an object."""


class Watch:
    """Call `tick` a few times a second."""

    def __init__(self, site: Site, starter: Starter, name: str) -> None:
        self.site, self.starter, self.name = site, starter, name
        self.started: dict[tuple[str, str, int], None] = {}
        self.beaten = 0.0

    def tick(self) -> None:
        """Complete quiet studies, start due readings and deliveries, say that this worker is alive."""
        books.complete_quiet(self.site.engine, self.site.settings.study_quiet_seconds)
        for study_uid, inputs, attempt in self._due_studies():
            if self._first(study_uid, inputs, attempt):
                self.starter.start_reading(study_uid, inputs, attempt)
        for sop_uid, attempt in self._due_deliveries():
            if self._first(sop_uid, "", attempt):
                self.starter.start_delivery(sop_uid, attempt)
        if clock.seconds() - self.beaten > BEAT_SECONDS:
            self.beaten = clock.seconds()
            books.rescue(self.site.engine, LOST_SECONDS)
            beat(self.site.engine, self.name)

    def _first(self, name: str, inputs: str, attempt: int) -> bool:
        """True the first time; starting again would be harmless but costs a write."""
        key = (name, inputs, attempt)
        if key in self.started:
            return False
        self.started[key] = None
        if len(self.started) > REMEMBERED:
            del self.started[next(iter(self.started))]
        return True

    def _due_studies(self) -> list[tuple[str, str, int]]:
        again = study.c.state.in_(("failed", "reported")) & study.c.cause.in_(books.TRIED_AGAIN)
        query = (
            sa.select(study.c.study_uid, study.c.manifest, study.c.attempt)
            .where((study.c.state == "complete") | again)
            .where(study.c.due <= clock.seconds())
            .order_by(study.c.touched)
        )
        with self.site.engine.connect() as connection:
            return [(uid, inputs, attempt) for uid, inputs, attempt in connection.execute(query)]

    def _due_deliveries(self) -> list[tuple[str, int]]:
        query = (
            sa.select(delivery.c.sop_uid, delivery.c.attempt)
            .where(delivery.c.state == "pending", delivery.c.due <= clock.seconds())
            .order_by(delivery.c.at, delivery.c.number)
        )
        with self.site.engine.connect() as connection:
            return [(uid, attempt) for uid, attempt in connection.execute(query)]


def beat(engine: sa.Engine, name: str) -> None:
    """Note that the worker `name` is alive."""
    values = {"executor": name, "beat": clock.seconds()}
    with writing(engine) as connection:
        if not insert_new(connection, worker, values):
            connection.execute(sa.update(worker).where(worker.c.executor == name).values(values))


def alive(engine: sa.Engine, within_seconds: float = 4 * BEAT_SECONDS) -> bool:
    """True if some worker has said so lately: for /readyz."""
    query = sa.select(sa.func.max(worker.c.beat))
    with engine.connect() as connection:
        latest = connection.scalar(query)
    return latest is not None and clock.seconds() - float(latest) <= within_seconds
