"""The rows behind the flow: which studies are complete, what was read of them, what is to be sent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

import msgspec
import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.flow import states
from cdss.serving.pacs.intake.manifest import manifest, result_key
from cdss.serving.pacs.reasons import Reason, reason
from cdss.serving.pacs.result import State, StudyTold, read_by
from cdss.serving.pacs.rows import insert_new, writing
from cdss.serving.pacs.tables import delivery, instance, result, study

NAMES = UUID("b5a1f3f0-7f0e-4a2b-8d1c-5f0f6f3a9c42")
Cause = Literal["ai_unavailable", "internal_error", "objects_failed"]
TRIED_AGAIN: tuple[Cause, ...] = ("ai_unavailable", "internal_error", "objects_failed")
NEVER = 1e12  # seconds since 1970: not to be tried while someone is at it, or until a person says so


@dataclass(frozen=True, slots=True)
class Kept:
    """One instance of a study: its SOP Instance UID and the hash of its bytes."""

    sop_uid: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Result:
    """A recorded result. `model` is name, version and digest, empty if nothing was read; `at` ISO 8601."""

    id: str
    manifest: str
    model: str
    at: str
    told: StudyTold


def complete_quiet(engine: sa.Engine, quiet_seconds: float) -> list[str]:
    """Studies for which nothing came for so long become complete, with the manifest of what is there."""
    before = clock.seconds() - quiet_seconds
    quiet = sa.select(study.c.study_uid).where(study.c.state == "received", study.c.touched <= before)
    with writing(engine) as connection:
        found = list(connection.scalars(quiet.with_for_update(skip_locked=True)))
        for uid in found:
            inputs = manifest((kept.sop_uid, kept.sha256) for kept in _kept(connection, uid))
            states.move(connection, uid, "complete", states.QUIET, manifest=inputs, attempt=0, due=0.0)
    return found


def kept(engine: sa.Engine, study_uid: str) -> tuple[list[Kept], list[Reason]]:
    """The current instances of a study, and what is to be remarked on how they came."""
    conflicts = sa.select(sa.func.count()).where(instance.c.study_uid == study_uid, ~instance.c.current)
    with engine.connect() as connection:
        count = connection.scalar(conflicts) or 0
        return _kept(connection, study_uid), [reason("duplicate_conflict", count=count)] if count else []


def _kept(connection: sa.Connection, study_uid: str) -> list[Kept]:
    rows = connection.execute(
        sa.select(instance.c.sop_uid, instance.c.sha256).where(instance.c.study_uid == study_uid, instance.c.current)
    )
    return [Kept(row.sop_uid, row.sha256) for row in rows]


def begin(engine: sa.Engine, study_uid: str, inputs: str) -> bool:
    """Mark a study as being read; False if other instances have come since `inputs` was made."""
    with writing(engine) as connection:
        if not _still(connection, study_uid, inputs):
            return False
        return states.move(connection, study_uid, "running", states.STARTED, due=NEVER)


def set_back(engine: sa.Engine, study_uid: str, inputs: str, cause: Cause, attempt: int, due: float) -> None:
    """A step did not succeed: the study says why; attempt number `attempt` is made when `due`.

    A study that has been read stays reported: its findings are there, only what is to be sent is not.
    """
    with writing(engine) as connection:
        if _still(connection, study_uid, inputs):
            state: State = "reported" if cause == "objects_failed" else "failed"
            states.move(connection, study_uid, state, cause, attempt=attempt, due=due)


def set_right(engine: sa.Engine, study_uid: str) -> None:
    """What was set back for its objects has them now."""
    with writing(engine) as connection:
        cause = connection.scalar(sa.select(study.c.cause).where(study.c.study_uid == study_uid))
        if cause == "objects_failed":
            states.move(connection, study_uid, "reported", states.READ, due=NEVER)


def rescue(engine: sa.Engine, seconds: float) -> list[str]:
    """Studies that have been running for longer than any reading takes were lost; they are tried again at once."""
    since = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    lost = sa.select(study.c.study_uid, study.c.attempt).where(study.c.state == "running", study.c.at < since)
    with writing(engine) as connection:
        found = connection.execute(lost.with_for_update(skip_locked=True)).all()
        for uid, attempt in found:
            states.move(connection, uid, "failed", "internal_error", attempt=attempt + 1, due=0.0)
    return [uid for uid, _ in found]


def record_result(engine: sa.Engine, told: StudyTold, inputs: str) -> str:
    """Make `told` the one current result and move the study; the result's id, empty if `inputs` are outdated."""
    with writing(engine) as connection:
        if not _still(connection, told.study_uid, inputs):
            return ""
        model = read_by(told)
        identity = str(uuid5(NAMES, result_key(told.study_uid, inputs, model)))
        _supersede(connection, told.study_uid, identity)
        insert_new(connection, result, _row(told, inputs, model, identity))
        cause = states.READ if told.state == "reported" else told.quality[0].code if told.quality else "no_image"
        states.move(connection, told.study_uid, told.state, cause, due=NEVER)
        return identity


def try_again(engine: sa.Engine, study_uid: str) -> bool:
    """A person asks to try again what was set back; False if nothing was."""
    statement = sa.update(study).where(study.c.study_uid == study_uid, study.c.cause.in_(TRIED_AGAIN)).values(due=0.0)
    with writing(engine) as connection:
        return connection.execute(statement).rowcount == 1


def _row(told: StudyTold, inputs: str, model: str, identity: str) -> dict[str, object]:
    return {
        "id": identity,
        "study_uid": told.study_uid,
        "manifest": inputs,
        "model": model,
        "at": clock.now(),
        "superseded_at": None,
        "told": msgspec.json.encode(told).decode(),
    }


def _supersede(connection: sa.Connection, study_uid: str, but: str) -> None:
    """Earlier results of the study are no longer current, and what waits to be sent of them is not sent."""
    old = sa.select(result.c.id).where(result.c.study_uid == study_uid, result.c.id != but)
    connection.execute(
        sa.update(result)
        .where(result.c.study_uid == study_uid, result.c.id != but, result.c.superseded_at.is_(None))
        .values(superseded_at=clock.now())
    )
    connection.execute(
        sa.update(delivery)
        .where(delivery.c.result_id.in_(old), delivery.c.state == "pending")
        .values(state="superseded", at=clock.now())
    )


def current(engine: sa.Engine, study_uid: str) -> Result | None:
    """The current result; None if there is none yet."""
    found = _results(engine, (result.c.study_uid == study_uid) & result.c.superseded_at.is_(None))
    return found[0] if found else None


def latest(engine: sa.Engine, study_uid: str, most: int) -> list[Result]:
    """Current results of readings (not of refusals), newest first; of one study if `study_uid` is given."""
    where = result.c.superseded_at.is_(None) & (result.c.model != "")
    return _results(engine, where & (result.c.study_uid == study_uid) if study_uid else where, most)


def by_id(engine: sa.Engine, result_id: str) -> Result:
    """A result, current or not. LookupError if there is none."""
    found = _results(engine, result.c.id == result_id)
    if not found:
        raise LookupError("found no result of this id")
    return found[0]


def _results(engine: sa.Engine, where: sa.ColumnElement[bool], most: int = 1) -> list[Result]:
    columns = (result.c.id, result.c.manifest, result.c.model, result.c.at, result.c.told)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*columns).where(where).order_by(result.c.at.desc()).limit(most)).all()
    return [
        Result(identity, inputs, model, at, msgspec.json.decode(told, type=StudyTold))
        for identity, inputs, model, at, told in rows
    ]


def _still(connection: sa.Connection, study_uid: str, inputs: str) -> bool:
    """True if nothing came since the manifest `inputs` was made."""
    query = sa.select(study.c.manifest).where(study.c.study_uid == study_uid).with_for_update()
    return connection.scalar(query) == inputs
