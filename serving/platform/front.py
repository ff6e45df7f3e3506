"""The front: the process that answers HTTP. Order checks, risk of one person, pages, API; rules run in this process.

`app` is the ASGI application; `Cdss` is the BentoML service that carries it. BentoML's own access log, metrics and
tracing are off: they cost more than an order check (measured, see this folder's README).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import bentoml
import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from cdss.rules.pack import load
from cdss.serving.emr import records
from cdss.serving.emr import routes as emr
from cdss.serving.emr.desk import Desk
from cdss.serving.pacs import routes as pacs
from cdss.serving.platform import database, metrics, operations
from cdss.serving.platform import log as logging
from cdss.serving.platform.audit import pseudonymiser
from cdss.serving.platform.behind import Behind
from cdss.serving.platform.config import Settings, settings
from cdss.serving.web import pages as web

log = structlog.get_logger()


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Load everything the handlers need before the first request; write what is waiting before the process ends."""
    current = settings()
    logging.configure(current.log_level, "front")
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    behind = Behind(engine, records.write, current.state / "audit.spool")
    behind.start()
    pack = load(hospital_codes=current.hospital_codes)
    metrics.knowledge.labels(pack.version, pack.digest).set(1)
    app.state.settings, app.state.engine, app.state.behind = current, engine, behind
    app.state.desk = Desk(pack, behind, pseudonymiser(current.state), current.lang)
    app.state.hook_services = {}
    app.state.ready = True
    log.info("front ready", rules=len(pack.rules), knowledge=pack.version)
    yield
    app.state.ready = False
    behind.stop()
    engine.dispose()


def application(current: Settings) -> Starlette:
    """The ASGI application with the routes of all neighbours."""
    routes: list[BaseRoute] = [
        *emr.routes(current.cors_origins.split(",")),
        *pacs.routes(),
        *operations.routes(),
        *web.routes(),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


app = application(settings())


@bentoml.service(
    name="Cdss",
    workers=1,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},
)
@bentoml.asgi_app(app, path="/")
class Cdss:
    """BentoML's view of the front. /livez and /readyz are answered by BentoML, which asks `__is_ready__`."""

    def __is_ready__(self) -> bool:
        return bool(getattr(app.state, "ready", False))
