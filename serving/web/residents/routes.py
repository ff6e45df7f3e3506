"""Where the pages for family doctors are."""

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Route

from cdss.serving.web.residents import handouts, lists, one, what_if


def routes() -> list[BaseRoute]:
    """The worklist and its print, one resident, what if, the handout. Ids may have a slash: their page is last."""
    squeezed = [Middleware(GZipMiddleware)]
    item = "/residents/{id:path}/advices/{rule:path}/handled"
    return [
        Route("/residents", lists.residents, middleware=squeezed),
        Route("/residents/print", lists.printed, middleware=squeezed),
        Route("/residents/handouts", handouts.handouts, middleware=squeezed),
        Route("/residents/{id:path}/what-if", what_if.what_if, methods=["POST"], middleware=squeezed),
        Route("/residents/{id:path}/handout", handouts.handout, middleware=squeezed),
        Route(item, one.handled, methods=["POST"]),
        Route("/residents/{id:path}", one.resident, middleware=squeezed),
    ]
