"""Which processes a machine runs, by role, and how each is started."""

import sys
import time
import urllib.error
import urllib.request

from cdss.serving.platform.config import Settings
from cdss.serving.platform.supervisor import Child

ROLES = ("http", "dicom", "worker")
BENTOML = {"BENTOML_DO_NOT_TRACK": "true"}  # "1" does not count


def children(settings: Settings, roles: tuple[str, ...]) -> list[Child]:
    """The processes of these roles: front for http, listener for dicom, imaging and workflows for worker."""
    found = []
    if "http" in roles:
        found.append(_bento("front", "cdss.serving.platform.front:Cdss", settings.host, settings.port, settings))
    return found


def _bento(name: str, service: str, host: str, port: int, settings: Settings) -> Child:
    command = [sys.executable, "-m", "bentoml", "serve", service, "--host", host, "--port", str(port)]
    home = settings.state / "bentoml"
    return Child(name, command, {**BENTOML, "BENTOML_HOME": str(home)})


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
