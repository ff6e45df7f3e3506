"""What the product is measured against: the least that any implementation would have to do."""

import sys
import time
from pathlib import Path

import numpy as np

import cdss.models
from cdss.models.artifact import load, session

ECHO = """
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def echo(request):
    return Response(await request.body(), media_type="application/json")

app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
"""


def command() -> list[str]:
    """A bare Starlette echo under uvicorn, access log off; {port} is filled in."""
    run = f"{ECHO}\nimport sys, uvicorn\nuvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level='error')"
    return [sys.executable, "-c", run, "{port}"]


def bare_graphs(rows: int) -> float:
    """Seconds that onnxruntime alone takes for the two risk graphs over that many rows."""
    generator = np.random.default_rng(1)
    seconds = 0.0
    for name in ("diabetes_screen", "diabetes_incident_cn"):
        artifact = load(Path(cdss.models.__path__[0]) / name)
        graph = session(artifact.path)
        width = graph.get_inputs()[0].shape[1]
        values = generator.uniform(1, 100, (rows, width)).astype(np.float32)
        inputs = {"features": values, "tier": np.zeros(rows, np.int64)}
        graph.run(None, inputs)
        started = time.perf_counter()
        graph.run(None, inputs)
        seconds += time.perf_counter() - started
    return seconds
