"""What the product is measured against: the least that any implementation would have to do."""

import sys

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
