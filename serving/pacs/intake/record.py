"""The rows of received instances. An instance is acknowledged after `record` has returned, not before."""

import msgspec
import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.flow import states
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
    at, touched = clock.now(), clock.seconds()
    fresh = {
        "study_uid": study_uid,
        "state": "received",
        "cause": states.RECEIVED,
        "at": at,
        "received_at": at,
        "touched": touched,
        "manifest": "",
        "attempt": 0,
        "due": 0.0,
    }
    if insert_new(connection, study, fresh):
        states.note(connection, study_uid, "received", states.RECEIVED, at)
        return
    row = connection.execute(sa.select(study.c.state).where(study.c.study_uid == study_uid).with_for_update()).one()
    if row.state == "received":
        connection.execute(sa.update(study).where(study.c.study_uid == study_uid).values(touched=touched))
    else:
        states.move(connection, study_uid, "received", states.LATE, touched=touched, manifest="", attempt=0, due=0.0)
