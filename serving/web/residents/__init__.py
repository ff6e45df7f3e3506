"""The pages for family doctors: the worklist, one resident, what if, handouts."""

from cdss.serving.web.residents.routes import routes

__all__ = ["routes"]
