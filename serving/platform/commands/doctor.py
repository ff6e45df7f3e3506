"""`cdss doctor`: can this machine run the service, and is what it needs within reach?"""

import json as jsonlib
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import typer
from sqlalchemy.exc import SQLAlchemyError

from cdss.models.artifact import CARD_FILE, DigestMismatch, load
from cdss.models.card import CardError, read
from cdss.models.provider import ProviderUnavailable
from cdss.serving.pacs.detect import LocalDetector, Unavailable
from cdss.serving.pacs.flow.send import NotSent, echo
from cdss.serving.platform import database
from cdss.serving.platform.commands.model import folders
from cdss.serving.platform.config import ConfigError, Peer, Settings, settings
from cdss.serving.platform.knowledge import Shelf
from cdss.serving.population.calibration import known
from cdss.serving.population.calibration.in_force import found

FREE_BYTES = 5 * 2**30
State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    state: State
    says: str


def doctor(json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False) -> None:
    """Look at settings, disk, database, ports, knowledge, models, their calibration, the PACS; exit 1 on a fault."""
    findings = list(examine())
    if json:
        typer.echo(jsonlib.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.state:8}{finding.what:12}{finding.says}")
    raise typer.Exit(1 if any(finding.state == "fault" for finding in findings) else 0)


def examine() -> Iterator[Finding]:
    """Every finding; settings first, since the rest depends on them."""
    try:
        current = settings()
    except ConfigError as e:
        yield Finding("settings", "fault", str(e))
        return
    yield Finding("settings", "ok", "valid")
    for look in LOOKS:
        yield look(current)


def _disk(current: Settings) -> Finding:
    place = current.state
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    state: State = "ok" if free > FREE_BYTES else "warning"
    return Finding("disk", state, f"{free / 2**30:.1f} GiB free below {current.state}")


def _database(current: Settings) -> Finding:
    if current.database.startswith("sqlite") and not (current.state / "cdss.sqlite").exists():
        return Finding("database", "ok", f"none in {current.state} yet; `cdss serve` makes it")
    try:
        engine = database.connect(current.database)
        with engine.connect():
            return Finding("database", "ok", engine.dialect.name)
    except (SQLAlchemyError, OSError) as e:
        return Finding(
            "database", "fault", f"cannot connect: {type(e).__name__}; check CDSS_DATABASE_URL and CDSS_HOME"
        )


def _ports(current: Settings) -> Finding:
    ports = (current.port, current.imaging_port, current.dicom_port)
    taken = [str(port) for port in ports if _is_open("127.0.0.1", port)]
    if taken:
        return Finding("ports", "warning", f"{', '.join(taken)} answer already: is the service running?")
    return Finding("ports", "ok", "free")


def _knowledge(current: Settings) -> Finding:
    try:
        found = Shelf(current).load()
    except ValueError as e:
        return Finding("knowledge", "fault", str(e))
    return Finding("knowledge", "ok", f"version {found.version}, {len(found.rules)} rules, {found.digest[:19]}")


def _models(_: Settings) -> Finding:
    faults = []
    for folder in folders():
        try:
            load(folder)
        except (CardError, DigestMismatch) as e:
            faults.append(str(e))
    if faults:
        return Finding("models", "fault", "; ".join(faults))
    return Finding("models", "ok", f"{len(folders())} intact")


def _imaging(current: Settings) -> Finding:
    try:
        runtime = LocalDetector(runs_on=current.imaging_provider).prove()
    except (ProviderUnavailable, Unavailable) as e:
        return Finding("imaging", "fault", str(e))
    return Finding("imaging", "ok", f"{runtime} runs the imaging models")


def _calibration(current: Settings) -> Finding:
    layers, faults = 0, []
    for name in known.names():
        document, fault = found(current.state, read(known.FOLDER / name / CARD_FILE))
        layers += document is not None
        if fault.en:
            faults.append(f"{name}: {fault.en}")
    if faults:
        return Finding("calibration", "fault", "; ".join(faults))
    return Finding(
        "calibration", "ok", f"{layers} site layers in force" if layers else "none: models answer as shipped"
    )


def _pacs(current: Settings) -> Finding:
    if not current.pacs:
        return Finding("pacs", "warning", "CDSS_PACS is not set: results are kept here and not sent")
    peer = Peer(current.pacs)
    try:
        echo(peer, current.ae_title)
    except NotSent as e:
        says = f"{peer.aet} at {peer.host}:{peer.port} does not answer C-ECHO: {e}; check CDSS_PACS and the network"
        return Finding("pacs", "fault", says)
    return Finding("pacs", "ok", f"{peer.aet} at {peer.host}:{peer.port} answers C-ECHO")


def _is_open(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


LOOKS: tuple[Callable[[Settings], Finding], ...] = (
    _disk,
    _database,
    _ports,
    _knowledge,
    _models,
    _imaging,
    _calibration,
    _pacs,
)
