"""The steps of a study's way. Each may be repeated after a crash and leaves the same behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pydicom
import sqlalchemy as sa
import structlog
from pydicom.errors import InvalidDicomError

from cdss.serving.pacs.decode import header
from cdss.serving.pacs.detect import Detector, Unavailable
from cdss.serving.pacs.flow import books, outbox
from cdss.serving.pacs.flow.send import NotSent, send
from cdss.serving.pacs.intake.manifest import result_key
from cdss.serving.pacs.intake.store import Store
from cdss.serving.pacs.objects.make import make
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.reasons import Reason, Unreadable, reason
from cdss.serving.pacs.series.file import File
from cdss.serving.pacs.tables import delivery
from cdss.serving.platform.config import Peer, Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Site:
    """What the steps work with."""

    settings: Settings
    engine: sa.Engine
    store: Store
    detector: Detector


def read(site: Site, study_uid: str, inputs: str, attempt: int) -> str:
    """Read a complete study and record its result. Its id if there is something to send, else empty."""
    done = books.current(site.engine, study_uid)
    if done and done.manifest == inputs:
        return done.id if done.model else ""
    with _set_back(site, study_uid, inputs, "internal_error", attempt):
        return _read(site, study_uid, inputs, attempt)
    return ""


def _read(site: Site, study_uid: str, inputs: str, attempt: int) -> str:
    if not books.begin(site.engine, study_uid, inputs):
        log.info("study changed before it was read", study=study_uid)
        return ""
    kept, notes = books.kept(site.engine, study_uid)
    files, faults = _files(site.store, kept)
    with _says_so_when_slow(site, study_uid, inputs, attempt):
        told = read_study(study_uid, files, site.detector, [*faults, *notes])
    identity = books.record_result(site.engine, told, inputs)
    log.info("study read", study=study_uid, state=told.state, findings=len(told.findings), kept=bool(identity))
    return identity if told.model else ""


@contextmanager
def _set_back(site: Site, study_uid: str, inputs: str, cause: books.Cause, attempt: int) -> Iterator[None]:
    """Whatever goes wrong inside is seen on the study and tried again; only a database that is away is passed on."""
    try:
        yield
    except sa.exc.OperationalError:
        raise
    except Exception as e:
        if isinstance(e, Unavailable):
            cause = "ai_unavailable"
        due = outbox.next_try(site.settings, attempt)
        books.set_back(site.engine, study_uid, inputs, cause, attempt + 1, due)
        text = str(e)[:200] if isinstance(e, Unavailable) else type(e).__name__
        log.error("study set back", study=study_uid, cause=cause, attempt=attempt, error=text)


def _files(store: Store, kept: list[books.Kept]) -> tuple[list[File], list[Reason]]:
    """The instances with their headers; those that cannot be read become one remark."""
    files, bad = [], 0
    for one in kept:
        path = store.path(one.sha256)
        try:
            files.append(File(path, header.read(path)))
        except Unreadable:
            bad += 1
    return files, [reason("files_not_read", count=bad)] if bad else []


@contextmanager
def _says_so_when_slow(site: Site, study_uid: str, inputs: str, attempt: int) -> Iterator[None]:
    """While the model takes longer than a reader would wait, the study says that AI is unavailable."""
    arguments = (site.engine, study_uid, inputs, "ai_unavailable", attempt, books.NEVER)
    timer = threading.Timer(site.settings.ai_patience_seconds, books.set_back, arguments)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def make_objects(site: Site, result_id: str, attempt: int) -> None:
    """Make the result's report and captures, keep them, and put them in the outbox."""
    found = books.by_id(site.engine, result_id)
    with _set_back(site, found.told.study_uid, found.manifest, "objects_failed", attempt):
        _make_objects(site, found)
        books.set_right(site.engine, found.told.study_uid)


def _make_objects(site: Site, found: books.Result) -> None:
    told = found.told
    kept, _ = books.kept(site.engine, told.study_uid)
    files, _ = _files(site.store, kept)
    read_series = {series.series_uid for series in told.series if series.chosen}
    chosen = tuple(file for file in files if file.about.series_uid in read_series)
    key = result_key(told.study_uid, found.manifest, found.model)
    with TemporaryDirectory(dir=site.store.incoming) as folder:
        made = make(Request(key, told, chosen, datetime.fromisoformat(found.at)), Path(folder))
        objects = [(_sop_uid(path), site.store.keep(path)) for path in made]
    outbox.put(site.engine, found.id, objects, send=bool(site.settings.pacs))


def _sop_uid(path: Path) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPInstanceUID"]).SOPInstanceUID)


def deliver(site: Site, sop_uid: str) -> None:
    """Send one object that waits in the outbox."""
    with site.engine.connect() as connection:
        row = connection.execute(sa.select(delivery).where(delivery.c.sop_uid == sop_uid)).one()
    if row.state != "pending":
        return
    settings = site.settings
    try:
        status = send(site.store.path(row.sha256), Peer(settings.pacs), settings.ae_title)
    except (NotSent, OSError, InvalidDicomError) as e:
        outbox.failed(site.engine, sop_uid, _why(e), row.attempt + 1, outbox.next_try(settings, row.attempt))
        log.warning("object not sent", object=sop_uid, attempt=row.attempt, error=_why(e))
        return
    outbox.sent(site.engine, sop_uid, status)
    log.info("object sent", object=sop_uid, status=status)


def _why(error: Exception) -> str:
    """What is told of an object that was not sent: our own words, or the kind of fault, never a path."""
    return str(error) if isinstance(error, NotSent) else type(error).__name__
