"""What is to be sent to the PACS, what was, and what a person must look at."""

import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.flow import states
from cdss.serving.pacs.flow.books import NEVER
from cdss.serving.pacs.rows import insert_new, writing
from cdss.serving.pacs.tables import delivery, result, study
from cdss.serving.platform.config import Settings

LONGEST_WAIT = 600.0  # seconds


def next_try(settings: Settings, attempt: int) -> float:
    """When to try again after attempt `attempt` (from 0) failed: waits double; NEVER means that a person must look."""
    if attempt + 1 >= settings.retry_limit:
        return NEVER
    return clock.seconds() + min(settings.retry_seconds * 2.0**attempt, LONGEST_WAIT)


def put(engine: sa.Engine, result_id: str, objects: list[tuple[str, str]], send: bool) -> None:
    """Note the (SOP Instance UID, sha256) of a result's objects, report first; to be sent, or only kept."""
    with writing(engine) as connection:
        for number, (sop_uid, digest) in enumerate(objects):
            insert_new(
                connection,
                delivery,
                {
                    "sop_uid": sop_uid,
                    "result_id": result_id,
                    "number": number,
                    "sha256": digest,
                    "state": "pending" if send else "kept",
                    "attempt": 0,
                    "due": 0.0,
                    "status": "",
                    "at": clock.now(),
                },
            )


def sent(engine: sa.Engine, sop_uid: str, status: str) -> None:
    """One object has arrived; when it was the last of the current result, the study is sent."""
    with writing(engine) as connection:
        _set(connection, sop_uid, "sent", status)
        result_id = connection.scalar(sa.select(delivery.c.result_id).where(delivery.c.sop_uid == sop_uid))
        left = sa.select(sa.func.count()).where(delivery.c.result_id == result_id, delivery.c.state != "sent")
        if not connection.scalar(left):
            _finish(connection, str(result_id))


def _finish(connection: sa.Connection, result_id: str) -> None:
    query = (
        sa.select(study.c.study_uid)
        .join(result, result.c.study_uid == study.c.study_uid)
        .where(result.c.id == result_id, result.c.superseded_at.is_(None), study.c.state == "reported")
    )
    study_uid = connection.scalar(query.with_for_update())
    if study_uid:
        states.move(connection, study_uid, "sent", states.DELIVERED)


def failed(engine: sa.Engine, sop_uid: str, status: str, attempt: int, due: float) -> None:
    """It did not arrive: attempt number `attempt` is made when `due`; if that is never, a person must look (`dead`)."""
    with writing(engine) as connection:
        _set(connection, sop_uid, "dead" if due >= NEVER else "pending", status, attempt=attempt, due=due)


def revive(engine: sa.Engine, study_uid: str) -> int:
    """A person asks to send again what is dead; how many objects that are."""
    of_study = sa.select(result.c.id).where(result.c.study_uid == study_uid, result.c.superseded_at.is_(None))
    statement = (
        sa.update(delivery)
        .where(delivery.c.result_id.in_(of_study), delivery.c.state == "dead")
        .values(state="pending", due=0.0, at=clock.now())
    )
    with writing(engine) as connection:
        return connection.execute(statement).rowcount


def _set(connection: sa.Connection, sop_uid: str, state: str, status: str, **more: object) -> None:
    values = {"state": state, "status": status[:64], "at": clock.now(), **more}
    connection.execute(sa.update(delivery).where(delivery.c.sop_uid == sop_uid).values(values))
