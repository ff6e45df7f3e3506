"""The front: the process that answers HTTP. Order checks, risk of one person, pages, API; rules run in this process.

`Cdss` is the BentoML service that carries the application. BentoML's own access log, metrics and tracing are off: they
cost more than an order check (see this folder's README).
"""

import bentoml

from cdss.serving.platform.application import application, ready
from cdss.serving.platform.config import settings

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
        return ready(app)
