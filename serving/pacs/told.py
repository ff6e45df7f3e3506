"""A study as the API tells it: its state, what was read, what was sent, and how it came there."""

from typing import Any

import msgspec
import sqlalchemy as sa

from cdss.serving.pacs.flow import books
from cdss.serving.pacs.reasons import REASONS, reason
from cdss.serving.pacs.result import StudyTold, in_language
from cdss.serving.pacs.tables import delivery, finding_feedback, instance, result, study, transition
from cdss.serving.platform.language import Lang

SHOWN = ("study_uid", "state", "cause", "at", "received_at")


def studies(engine: sa.Engine, limit: int, offset: int) -> dict[str, Any]:
    """The latest studies, newest first; `findings` is null where nothing was read, which is not zero."""
    counts = sa.select(sa.func.count()).where(instance.c.study_uid == study.c.study_uid).scalar_subquery()
    query = (
        sa.select(*(study.c[name] for name in SHOWN), counts.label("instances"), result.c.told)
        .outerjoin(
            result,
            (result.c.study_uid == study.c.study_uid)
            & (result.c.manifest == study.c.manifest)
            & result.c.superseded_at.is_(None),
        )
        .order_by(study.c.received_at.desc(), study.c.study_uid)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit).offset(offset)).mappings().all()
        total = connection.scalar(sa.select(sa.func.count()).select_from(study))
    return {"studies": [_line(dict(row)) for row in rows], "total": total}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    told = row.pop("told")
    read = msgspec.json.decode(told, type=StudyTold) if told else None
    return {
        **row,
        "reason": _reason(row["cause"]),
        "findings": len(read.findings) if read and read.model else None,
        "model": read.model if read else None,
    }


def one(engine: sa.Engine, study_uid: str, lang: Lang) -> dict[str, Any] | None:
    """Everything about one study; None if it never came."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(study).where(study.c.study_uid == study_uid)).mappings().one_or_none()
    if row is None:
        return None
    current = books.current(engine, study_uid)
    fresh = current if current and current.manifest == row["manifest"] else None
    told = fresh.told if fresh else _unread(study_uid, row["state"], row["cause"])
    body: dict[str, Any] = msgspec.to_builtins(in_language(told, lang))
    body.update({name: row[name] for name in SHOWN})
    body["result"] = {"id": fresh.id, "at": fresh.at} if fresh else None
    body["history"] = _rows(engine, transition, transition.c.study_uid == study_uid, ("at", "state", "cause"))
    sent = _rows(engine, delivery, delivery.c.result_id == (fresh.id if fresh else ""), SENT)
    body["deliveries"] = sent
    body["previews"] = [f"/api/v1/studies/{study_uid}/preview/{one['number']}.png" for one in sent if one["number"]]
    body["pictures"] = [_picture(told, study_uid, one["number"]) for one in sent if one["number"]]
    body["feedback"] = _rows(engine, finding_feedback, finding_feedback.c.study_uid == study_uid, SAID)
    return body


SENT = ("number", "sop_uid", "state", "attempt", "status", "at")
SAID = ("at", "finding", "verdict", "model")


def _picture(told: StudyTold, study_uid: str, number: int) -> dict[str, Any]:
    """A picture and what is on it; of results of earlier versions it is not known what image it is."""
    address = f"/api/v1/studies/{study_uid}/preview/{number}.png"
    image = told.key_images[number - 1] if number <= len(told.key_images) else None
    on_it = [one.id for one in told.findings if image and one.sop_instance_uid == image.sop_instance_uid]
    return {
        "number": number,
        "sop_instance_uid": image.sop_instance_uid if image else None,
        "instance_number": image.instance_number if image else None,
        "findings": on_it,
        "boxes": address,
        "none": f"{address}?overlay=none" if image else None,
        "scores": f"{address}?overlay=scores" if image and image.score_map else None,
    }


def _unread(study_uid: str, state: Any, cause: str) -> StudyTold:
    """No result of the images that are here now: the reason is told, never an empty list alone."""
    why = reason(cause if cause in books.TRIED_AGAIN else "not_read_yet")
    return StudyTold(study_uid=study_uid, state=state, series=(), quality=(why,), model=None, findings=())


def _reason(code: str) -> dict[str, str] | None:
    """The words of a cause that is a reason; None for causes that only say what moved the study."""
    if code not in REASONS:
        return None
    _, zh, en = REASONS[code]
    return {"code": code, "zh": zh, "en": en} if "{" not in zh + en else {"code": code, "zh": code, "en": code}


def _rows(
    engine: sa.Engine, table: sa.Table, where: sa.ColumnElement[bool], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    query = sa.select(*(table.c[name] for name in names)).where(where).order_by(table.c[names[0]])
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
