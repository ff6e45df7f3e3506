"""Parts as DBOS workflows: workers on one PostgreSQL share a run, and a killed one's parts go on elsewhere."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from cdss.serving.pacs import clock
from cdss.serving.platform.config import Settings
from cdss.serving.population.run import books, keeping
from cdss.serving.population.run.part import Scorer, part

QUEUE = "population"
AT_ONCE = 1  # a part uses all cores of a worker
POLL_SECONDS, LOOK_SECONDS = 0.2, 1.0
OTHER_KNOWLEDGE = "the worker {who} has other models or other knowledge ({names}) than the one who asked"

log = structlog.get_logger()


@dataclass
class Site:
    """Where parts are scored. Models and knowledge are loaded when the first part comes."""

    settings: Settings
    engine: sa.Engine
    name: str
    started: set[tuple[str, int, int]] = field(default_factory=set)

    @cached_property
    def scorer(self) -> Scorer:
        """Models and knowledge of this worker."""
        return Scorer.at(self.settings)


@DBOS.dbos_class("Population")
class Population(DBOSConfiguredInstance):  # type: ignore[misc]
    """The workflow of one site. Arguments are plain JSON."""

    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__("site")

    @DBOS.workflow(name="score_part")  # type: ignore[untyped-decorator]
    def score_part(self, run: str, number: int, attempt: int) -> None:
        """Score one part of a run."""
        self.score(run, number, attempt)

    @DBOS.step(name="score")  # type: ignore[untyped-decorator]
    def score(self, run: str, number: int, attempt: int) -> None:
        """A part that is not ours any more is left alone; one that cannot be scored says why."""
        site = self.site
        job = books.take(site.engine, run, number, attempt, site.name)
        if job is None:
            return
        try:
            _score(site, job, run, number, attempt)
        except Exception as e:
            log.error("part not scored", run=run[:12], part=number, error=type(e).__name__)
            books.failed(site.engine, run, number, attempt, f"{type(e).__name__} on worker {site.name}; see its log")

    def start(self, run: str, number: int, attempt: int) -> None:
        """Queue a part; the same part and attempt are queued once, whoever asks."""
        with SetWorkflowID(f"score/{run[:32]}/{number}/{attempt}"):
            DBOS.enqueue_workflow(QUEUE, self.score_part, run, number, attempt)


def _score(site: Site, job: books.Job, run: str, number: int, attempt: int) -> None:
    scorer = site.scorer.fresh()
    if other := sorted(name for name, digest in job.digests.items() if scorer.digests.get(name) != digest):
        why = OTHER_KNOWLEDGE.format(who=site.name, names=", ".join(other))
        books.failed(site.engine, run, number, attempt, why)
        return
    assessed = scorer.assessed(books.unpacked(job.input), job.options)
    made = part(assessed, job.options, job.first_row)

    def keep(connection: sa.Connection) -> None:
        if job.options.keep:
            keeping.keep(connection, assessed, scorer.tally, site.settings)

    books.done(site.engine, run, number, attempt, made, keep)


class SharedRuns:
    """Takes part in runs that several workers share: only PostgreSQL has several workers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.shares = site.settings.database.startswith("postgresql")
        self.looked = 0.0

    def register(self) -> None:
        """Make the workflow known, before DBOS is launched."""
        self.population = Population(self.site)

    def serve(self) -> None:
        """Serve the queue, once DBOS is launched."""
        if self.shares:
            options: dict[str, Any] = {"worker_concurrency": AT_ONCE, "polling_interval_sec": POLL_SECONDS}
            DBOS.register_queue(QUEUE, **options)

    def tick(self) -> None:
        """Start queued parts; queue those of dead workers again."""
        if not self.shares or clock.seconds() - self.looked < LOOK_SECONDS:
            return
        self.looked = clock.seconds()
        books.rescue(self.site.engine)
        waiting = books.due(self.site.engine)
        for key in waiting:
            if key not in self.site.started:
                self.population.start(*key)
        self.site.started = set(waiting)


def site(settings: Settings, engine: sa.Engine, name: str) -> SharedRuns:
    """What the worker `name` does for shared runs."""
    return SharedRuns(Site(settings, engine, name))
