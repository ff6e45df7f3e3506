"""`cdss serve`: everything on this machine, in one command."""

import threading
import time
from typing import Annotated

import typer

from cdss.serving.platform import log as logging
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.processes import ROLES, children, wait_ready
from cdss.serving.platform.supervisor import Supervisor

READY_PATIENCE = 60.0  # seconds until it is said that the front does not come up


def serve(
    role: Annotated[str, typer.Option(help="Which parts to run on this machine, separated by commas")] = ",".join(
        ROLES
    ),
) -> None:
    """Run HTTP, DICOM and the worker until SIGTERM; what dies is started again."""
    try:
        current = settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
    roles = tuple(part.strip() for part in role.split(",") if part.strip())
    if unknown := sorted(set(roles) - set(ROLES)) or not roles:
        raise typer.BadParameter(f"found role {unknown}, expected some of {', '.join(ROLES)}")
    if current.imaging_provider != "cpu":
        _check_installed(current)
    logging.configure(current.log_level, "serve")
    current.state.mkdir(parents=True, exist_ok=True)
    Supervisor(children(current, roles)).run(lambda: announce(current, roles))


def _check_installed(current: Settings) -> None:
    """Before anything is started; the imaging process proves it once more, with the nets themselves."""
    from cdss.models.provider import ProviderUnavailable, check

    try:
        check(current.imaging_provider)
    except ProviderUnavailable as e:
        raise typer.BadParameter(str(e)) from e


def announce(current: Settings, roles: tuple[str, ...]) -> None:
    """Say on stderr when the front answers, without keeping the supervisor waiting."""
    if "http" in roles:
        threading.Thread(target=_announce, args=(current, time.monotonic()), daemon=True).start()


def _announce(current: Settings, started: float) -> None:
    address = f"http://{current.host}:{current.port}"
    if wait_ready(current.host, current.port, READY_PATIENCE):
        typer.echo(f"cdss: ready after {time.monotonic() - started:.1f} s on {address}", err=True)
    else:
        typer.echo(f"cdss: {address} is not ready after {READY_PATIENCE:.0f} s; see the log lines above", err=True)
