"""Bytes and rows of received instances. An instance is acknowledged after `keep` has returned, not before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.decode.header import Identity
from cdss.serving.pacs.flow import states
from cdss.serving.pacs.intake.store import Store
from cdss.serving.pacs.rows import insert_new, writing
from cdss.serving.pacs.tables import instance, study


class Arrival(msgspec.Struct, frozen=True):
    """One instance whose bytes are durable. `source` is the calling AE title, or `http`."""

    sop_uid: str
    study_uid: str
    series_uid: str
    sha256: str
    size: int
    source: str


def keep(path: Path, about: Identity, source: str, engine: sa.Engine, store: Store) -> str:
    """Keep a received file and its row, both durably; returns the hash. Raises NoSpace, or what the database raises.

    Bytes, name and row are flushed at the same time. After a power failure a row may be there whose bytes are not:
    it was never acknowledged, and `forget_lost` removes it.
    """
    size = path.stat().st_size

    def write_row(digest: str) -> None:
        record(engine, Arrival(about.sop_uid, about.study_uid, about.series_uid, digest, size, source))

    return store.keep(path, write_row)


def forget_lost(engine: sa.Engine, store: Store) -> int:
    """Remove the rows of the last two days whose bytes are not on the disk, so that they are taken when sent again."""
    since = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="milliseconds")
    query = sa.select(instance.c.sop_uid, instance.c.sha256).where(instance.c.received_at >= since)
    with writing(engine) as connection:
        lost = [row for row in connection.execute(query).all() if not store.path(row.sha256).is_file()]
        for row in lost:
            key = (instance.c.sop_uid == row.sop_uid) & (instance.c.sha256 == row.sha256)
            connection.execute(sa.delete(instance).where(key))
    return len(lost)


def record(engine: sa.Engine, arrival: Arrival) -> bool:
    """Write the instance and touch its study, in one committed transaction. False if the same bytes were there before.

    New bytes reopen a study that was already read: it is received again, and its result will be superseded.
    """
    with writing(engine) as connection:
        new = _insert_instance(connection, arrival)
        if new:
            _touch(connection, arrival.study_uid)
        return new


def _insert_instance(connection: sa.Connection, arrival: Arrival) -> bool:
    """The first content under a UID is current; other content under the same UID is kept beside it, not used."""
    values = {**msgspec.structs.asdict(arrival), "received_at": clock.now()}
    if insert_new(connection, instance, {**values, "current": True}):
        return True
    return insert_new(connection, instance, {**values, "current": False})


def _touch(connection: sa.Connection, study_uid: str) -> None:
    """Note that something came for the study: it waits on (by far the commonest), begins, or is reopened."""
    touched = clock.seconds()
    waiting = (study.c.study_uid == study_uid) & (study.c.state == "received")
    if connection.execute(sa.update(study).where(waiting).values(touched=touched)).rowcount:
        return
    at = clock.now()
    fresh = {"study_uid": study_uid, "state": "received", "cause": states.RECEIVED, "at": at, "received_at": at,
             "touched": touched, "manifest": "", "attempt": 0, "due": 0.0}  # fmt: skip
    if insert_new(connection, study, fresh):
        states.note(connection, study_uid, "received", states.RECEIVED, at)
    else:
        states.reopen(connection, study_uid, touched)
