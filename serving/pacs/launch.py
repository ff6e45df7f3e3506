"""How a supervisor starts the processes of this side; importing this loads none of their libraries."""

import sys

from cdss.serving.platform.config import Settings

LOOPBACK = "127.0.0.1"
ROLES = ("dicom", "worker")
ENVIRONMENT = {"BENTOML_DO_NOT_TRACK": "true"}  # to be added to the imaging process's; "1" does not count


def imaging(settings: Settings) -> list[str]:
    """The imaging process: always on loopback, whatever CDSS_HOST says. Ready when /readyz answers 200."""
    serve = [sys.executable, "-m", "bentoml", "serve", "cdss.serving.pacs.imaging:Imaging"]
    return [*serve, "--host", LOOPBACK, "--port", str(settings.imaging_port)]


def worker(roles: tuple[str, ...] = ROLES) -> list[str]:
    """Listener (`dicom`) and workflows (`worker`), in one process or each in its own."""
    return [sys.executable, "-m", "cdss.serving.pacs.worker", *roles]
