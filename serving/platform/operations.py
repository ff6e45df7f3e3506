"""Routes for those who run the service: metrics and the description of the API."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from cdss.serving.platform import metrics
from cdss.serving.platform.behind import Behind
from cdss.serving.platform.openapi import document
from cdss.serving.population.outreach.gauge import measure


def routes() -> list[BaseRoute]:
    """/metrics and /openapi.json; /livez and /readyz are BentoML's."""
    return [Route("/metrics", scrape), Route("/openapi.json", openapi)]


async def scrape(request: Request) -> Response:
    """GET /metrics, for Prometheus."""
    behind: Behind = request.app.state.behind
    metrics.behind_waiting.set(behind.waiting())
    metrics.behind_alive.set(behind.alive())
    await run_in_threadpool(measure, request.app.state.engine)
    models = await run_in_threadpool(generate_latest, request.app.state.exposition.registry)
    return Response(generate_latest(metrics.registry) + models, media_type=CONTENT_TYPE_LATEST)


async def openapi(_: Request) -> Response:
    """GET /openapi.json."""
    return JSONResponse(document())
