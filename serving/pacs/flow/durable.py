"""The steps as DBOS workflows: a killed worker's unfinished ones go on when a worker of the same name starts again."""

import socket
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSConfiguredInstance, DBOSPortableJSONSerializer, SetWorkflowID

from cdss.serving.pacs.flow import steps
from cdss.serving.pacs.flow.steps import Site
from cdss.serving.platform.config import Settings

READINGS, DELIVERIES = "readings", "deliveries"
AT_ONCE = 2  # studies read at once by one worker: one decodes while the other is detected
SENDING_AT_ONCE = 4
POLL_SECONDS = 0.2
SHAPE = "1"  # of the workflows below; a new number when their steps change, so that old runs are not mixed up


def database_is_away(error: BaseException) -> bool:
    """True for what passes by itself; other errors are seen on the study and tried again from its row."""
    return isinstance(error, sa.exc.OperationalError)


DATABASE_AWAY: dict[str, Any] = {  # about five minutes
    "retries_allowed": True,
    "should_retry": database_is_away,
    "interval_seconds": 1.0,
    "backoff_rate": 1.5,
    "max_attempts": 12,
}


@DBOS.dbos_class("Preread")
class Preread(DBOSConfiguredInstance):  # type: ignore[misc]
    """The workflows of one site. Arguments and results are plain JSON."""

    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__("site")

    @DBOS.workflow(name="read_study")  # type: ignore[untyped-decorator]
    def read_study(self, study_uid: str, inputs: str, attempt: int) -> None:
        """Read a study, then make what is to be sent of it."""
        result_id = self.read(study_uid, inputs, attempt)
        if result_id:
            self.make_objects(result_id, attempt)

    @DBOS.step(name="read", **DATABASE_AWAY)  # type: ignore[untyped-decorator]
    def read(self, study_uid: str, inputs: str, attempt: int) -> str:
        """See steps.read."""
        return steps.read(self.site, study_uid, inputs, attempt)

    @DBOS.step(name="make_objects", **DATABASE_AWAY)  # type: ignore[untyped-decorator]
    def make_objects(self, result_id: str, attempt: int) -> None:
        """See steps.make_objects."""
        steps.make_objects(self.site, result_id, attempt)

    @DBOS.workflow(name="deliver")  # type: ignore[untyped-decorator]
    def deliver(self, sop_uid: str) -> None:
        """Send one object."""
        self.send(sop_uid)

    @DBOS.step(name="send", **DATABASE_AWAY)  # type: ignore[untyped-decorator]
    def send(self, sop_uid: str) -> None:
        """See steps.deliver."""
        steps.deliver(self.site, sop_uid)

    def start_reading(self, study_uid: str, inputs: str, attempt: int) -> None:
        """Queue a reading; the same study, inputs and attempt are queued once, however often this is called."""
        with SetWorkflowID(f"read/{study_uid}/{inputs[:16]}/{attempt}"):
            DBOS.enqueue_workflow(READINGS, self.read_study, study_uid, inputs, attempt)

    def start_delivery(self, sop_uid: str, attempt: int) -> None:
        """Queue a delivery, once for each attempt."""
        with SetWorkflowID(f"send/{sop_uid}/{attempt}"):
            DBOS.enqueue_workflow(DELIVERIES, self.deliver, sop_uid)


def executor_id(settings: Settings) -> str:
    """A name that is the same after a restart: by it DBOS knows whose unfinished work this is."""
    if not settings.database.startswith("postgresql"):
        return "local"
    return settings.worker_id or socket.gethostname()


def launch(settings: Settings, site: Site, register: Callable[[], object] = lambda: None) -> Preread:
    """Start DBOS in this process: its tables are made, unfinished work goes on, the queues are served.

    `register` makes the workflows of others, which must be known before unfinished work goes on.
    """
    DBOS(config=_config(settings))
    preread = Preread(site)
    register()
    DBOS.launch()
    DBOS.register_queue(READINGS, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS)
    DBOS.register_queue(DELIVERIES, worker_concurrency=SENDING_AT_ONCE, polling_interval_sec=POLL_SECONDS)
    return preread


def stop(seconds: int) -> None:
    """Let running steps finish, `seconds` at most; what is not finished goes on at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=seconds)


def _config(settings: Settings) -> DBOSConfig:
    config: DBOSConfig = {
        "name": "wangdi-cdss",
        "system_database_url": _url(settings),
        "executor_id": executor_id(settings),
        "application_version": SHAPE,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
    }
    return config


def _url(settings: Settings) -> str:
    """SQLite: a file of its own, so that its writes do not hold up ours. PostgreSQL: our database, schema `dbos`."""
    if settings.database.startswith("sqlite"):
        return f"sqlite:///{settings.state / 'workflows.sqlite'}"
    return settings.database
