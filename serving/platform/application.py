"""The ASGI application of the front: the routes of all neighbours, and what their handlers find in its state."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from cdss.models.artifact import DigestMismatch
from cdss.models.card import CardError
from cdss.rules.pack import Pack
from cdss.serving.emr import records
from cdss.serving.emr import routes as emr
from cdss.serving.emr.desk import Desk
from cdss.serving.emr.hooks.handlers import HANDLERS
from cdss.serving.emr.repeats import Encounters
from cdss.serving.pacs import routes as pacs
from cdss.serving.platform import database, metrics, operations
from cdss.serving.platform import log as logging
from cdss.serving.platform.audit import entry, pseudonymiser
from cdss.serving.platform.behind import Behind
from cdss.serving.platform.config import Settings
from cdss.serving.platform.knowledge import Shelf, in_force
from cdss.serving.platform.reload import Tell, Watch
from cdss.serving.population import hook
from cdss.serving.population import routes as population
from cdss.serving.population.monitoring.exposition import Exposition
from cdss.serving.population.monitoring.recorder import Recorder
from cdss.serving.population.monitoring.tally import tally
from cdss.serving.population.outreach import routes as outreach
from cdss.serving.population.scoring.clinic import Clinic
from cdss.serving.population.scoring.risks import Risks
from cdss.serving.web import faults
from cdss.serving.web import pages as web

log = structlog.get_logger()


def application(current: Settings) -> Starlette:
    """The ASGI application with the routes of all neighbours."""
    routes: list[BaseRoute] = [
        *emr.routes(current.cors_origins.split(",")),
        *pacs.routes(),
        *population.routes(),
        *outreach.routes(),
        *operations.routes(),
        *web.routes(),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        """Load everything the handlers need before the first request; write what is waiting before the end."""
        load_state(app, current)
        yield
        app.state.ready = False
        app.state.watch.stop()
        if app.state.recorder:
            app.state.recorder.stop()
        app.state.behind.stop()
        app.state.engine.dispose()

    handlers = {HTTPException: faults.refused, Exception: faults.broken}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


def ready(app: Starlette) -> bool:
    """Whether the front may be asked: everything is loaded, and what it answers is being recorded."""
    return bool(getattr(app.state, "ready", False)) and app.state.behind.alive()


def load_state(app: Starlette, current: Settings) -> None:
    """What the handlers find in `app.state`: settings, engine, behind, desk."""
    logging.configure(current.log_level, "front")
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    behind = Behind(engine, records.write, current.state / "audit.spool")
    behind.start()
    shelf = Shelf(current)
    pack = in_force(current)
    app.state.settings, app.state.engine, app.state.behind = current, engine, behind
    app.state.exposition = Exposition(engine, current.state)
    app.state.pseudonyms, app.state.encounters = pseudonymiser(current.state), Encounters()
    app.state.recorder = _recorder(engine, current)
    _put_in_force(app, pack)
    app.state.watch = Watch(shelf, pack, lambda new: _put_in_force(app, new), _audited(behind))
    app.state.watch.start()
    _settle()
    app.state.ready = True
    log.info("front ready", rules=len(pack.rules), knowledge=pack.version)


def _put_in_force(app: Starlette, pack: Pack) -> None:
    """Hand the pack to every handler; a request reads `app.state` once, so that it answers from one pack."""
    current: Settings = app.state.settings
    clinic = _clinic(pack, current, app.state.recorder)
    app.state.hook_services = {**HANDLERS, "patient-risk": hook.service(clinic)}
    app.state.clinic = clinic
    app.state.desk = Desk(pack, app.state.behind, app.state.pseudonyms, current.lang, encounters=app.state.encounters)
    metrics.knowledge.clear()
    metrics.knowledge.labels(pack.version, pack.digest).set(1)


def _settle() -> None:
    """What was loaded lives as long as the process: the garbage collector need not look at it at every turn."""
    gc.collect()
    gc.freeze()


def _audited(behind: Behind) -> Tell:
    def tell(outcome: str, detail: str) -> None:
        behind.put({"audit": entry("knowledge", "platform", "", outcome, {"says": detail})})

    return tell


def _recorder(engine: sa.Engine, current: Settings) -> Recorder | None:
    """Counts what the risk models are asked and say; None if one of them is not intact."""
    try:
        recorder = Recorder(engine, tally(Risks.at(current.state, current.residents_asian).glass_boxes))
    except (CardError, DigestMismatch):
        return None
    recorder.start()
    return recorder


def _clinic(pack: Pack, current: Settings, recorder: Recorder | None) -> Clinic | None:
    """None, said in the log, if a risk model is not intact: order checks go on, risk answers "not available"."""
    try:
        risks = Risks.at(current.state, current.residents_asian)
        return Clinic(risks, pack, tally=recorder.tally if recorder else None)
    except (CardError, DigestMismatch) as e:
        log.error("risk models not available", reason=str(e))
        return None
