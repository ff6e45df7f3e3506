"""`cdss demo`: the whole service on a throw-away home with sample input."""

import os
import signal
import socket
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cdss.serving.platform import log as logging
from cdss.serving.platform.config import PREFIX, ConfigError, Settings, settings
from cdss.serving.platform.demo.client import DemoFailed, Line
from cdss.serving.platform.demo.run import flows
from cdss.serving.platform.demo.samples import SampleMissing, xray
from cdss.serving.platform.processes import ROLES, children, wait_ready
from cdss.serving.platform.supervisor import Supervisor

READY_SECONDS = 90.0
QUIET_SECONDS = 2.0  # the samples come without pauses


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run the three flows, print the table, and end")] = False,
) -> None:
    """An order check, an X-ray and a CT pre-read, residents ranked; then keep serving until Ctrl-C.

    Exit status: 0 if all three flows did their job, 1 if one did not.
    """
    try:
        xray()
        with tempfile.TemporaryDirectory(prefix="cdss-demo-") as scratch:
            outcome = _run(_settings(Path(scratch), once), Path(scratch), once)
    except (ConfigError, SampleMissing) as e:
        raise typer.BadParameter(str(e)) from e
    raise typer.Exit(outcome)


def _settings(scratch: Path, once: bool) -> Settings:
    """A home of its own. `--once` takes free ports, so that it runs beside anything; else the usual ones, if free."""
    ports = ("port", "imaging_port", "dicom_port")
    values: dict[str, object] = {"home": scratch / "home", "study_quiet_seconds": QUIET_SECONDS}
    if once:
        values |= dict(zip(ports, _free(len(ports)), strict=True))
    current = settings(**values)
    for name in ports:
        if _answers(getattr(current, name)):
            raise ConfigError(
                f"port {getattr(current, name)} is taken; set {PREFIX}{name.upper()} or stop what uses it"
            )
    for name, value in values.items():
        os.environ[PREFIX + name.upper()] = str(value)  # for the processes that are started
    return current


def _run(current: Settings, scratch: Path, once: bool) -> int:
    logging.configure("error", "demo")
    os.environ[PREFIX + "LOG_LEVEL"] = "error"
    supervisor = Supervisor(children(current, ROLES))
    outcome: list[int] = []

    def drive() -> None:
        outcome.append(_drive(current, scratch))
        if once or outcome[0]:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            typer.echo(f"\nopen http://{current.host}:{current.port}/  (Ctrl-C ends the demo)", err=True)

    supervisor.run(lambda: threading.Thread(target=drive, daemon=True).start())
    return outcome[0] if outcome else 1


def _drive(current: Settings, scratch: Path) -> int:
    """Run the flows and print their table; 0, or 1 with the reason."""
    lines: list[Line] = []
    try:
        typer.echo("starting ...", err=True)
        for name, port in (("front", current.port), ("imaging", current.imaging_port)):
            if not wait_ready(current.host, port, READY_SECONDS):
                raise DemoFailed(f"{name} is not ready after {READY_SECONDS:.0f} s")
        for line in flows(current, scratch):
            typer.echo(f"{line.flow}: {line.sent}", err=True)
            lines.append(line)
    except DemoFailed as e:
        typer.echo(f"failed: {e}", err=True)
        return 1
    except Exception:
        typer.echo(traceback.format_exc(), err=True)
        return 1
    finally:
        _print(lines)
    return 0


def _print(lines: list[Line]) -> None:
    table = Table("Flow", "Sent", "Found", "s", title="Wangdi CDSS 网底")
    for line in lines:
        table.add_row(line.flow, line.sent, line.found, f"{line.seconds:.2f}")
    Console().print(table)


def _free(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
