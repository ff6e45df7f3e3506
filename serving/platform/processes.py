"""Which processes a machine runs, by role, and how each is started."""

import sys
import time
import urllib.error
import urllib.request

from cdss.serving.pacs import launch
from cdss.serving.platform.config import Settings
from cdss.serving.platform.supervisor import Child

ROLES = ("http", "dicom", "worker")
BENTOML = {"BENTOML_DO_NOT_TRACK": "true"}  # "1" does not count


def children(settings: Settings, roles: tuple[str, ...]) -> list[Child]:
    """The processes of these roles: front for http, listener for dicom, imaging, workflows and outreach for worker."""
    environment = {**BENTOML, "BENTOML_HOME": str(settings.state / "bentoml")}
    found = []
    if "http" in roles:
        found.append(Child("front", _front(settings), environment))
    if "worker" in roles:
        found.append(Child("imaging", launch.imaging(settings), environment))
        found.append(Child("outreach", [sys.executable, "-m", "cdss.serving.population.outreach.worker"]))
    if pacs := tuple(role for role in roles if role in launch.ROLES):
        found.append(Child("worker", launch.worker(pacs)))
    return found


def _front(settings: Settings) -> list[str]:
    serve = [sys.executable, "-m", "bentoml", "serve", "cdss.serving.platform.front:Cdss"]
    return [*serve, "--host", settings.host, "--port", str(settings.port)]


def is_ready(host: str, port: int) -> bool:
    """Whether a BentoML service on that port says it is ready."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_ready(host: str, port: int, seconds: float) -> bool:
    """Wait until the service is ready; False if it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_ready(host, port):
            return True
        time.sleep(0.1)
    return False
