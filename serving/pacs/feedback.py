"""What a clinician says of a finding: kept beside the model's version, to see where models and people disagree."""

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from cdss.rules.alert import Text
from cdss.serving.pacs import clock
from cdss.serving.pacs.flow import books
from cdss.serving.pacs.rows import writing
from cdss.serving.pacs.tables import finding_feedback
from cdss.serving.platform import audit
from cdss.serving.platform.errors import BadInput

MISSED = "missed"
NO_SUCH = Text("没有这个检查或所见。", "found no such study or finding; see GET /api/v1/studies/{study_uid}")
UNCLEAR = Text(
    '应为 {"verdict": "accept|reject|moved|missed"}；moved 与 missed 须给出位置 position_mm 或 box_px。',
    'expected {"verdict": "accept|reject|moved|missed"}; moved and missed need position_mm or box_px',
)


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`position_mm` (LPS) or `box_px` with `sop_instance_uid` say where it is instead."""

    verdict: Literal["accept", "reject", "moved", "missed"]
    position_mm: tuple[float, float, float] | None = None
    box_px: tuple[float, float, float, float] | None = None
    sop_instance_uid: str | None = None


def verdict(value: Any) -> Verdict:
    """The verdict in a request's JSON. BadInput if it is unclear."""
    try:
        said = msgspec.convert(value, Verdict)
    except msgspec.ValidationError as e:
        raise BadInput(UNCLEAR, status=400, code="verdict-unclear") from e
    if said.verdict in ("moved", MISSED) and not (said.position_mm or said.box_px):
        raise BadInput(UNCLEAR, code="position-missing", pointer="/position_mm")
    return said


def keep(engine: sa.Engine, study_uid: str, finding: str, said: Verdict) -> None:
    """Store the verdict on finding number `finding` of the current result, or on what it `missed`. BadInput 404."""
    current = books.current(engine, study_uid)
    known = {one.id for one in current.told.findings} | {MISSED} if current and current.model else set()
    if current is None or finding not in known or (finding == MISSED) != (said.verdict == MISSED):
        raise BadInput(NO_SUCH, status=404, code="no-such-finding")
    row = {
        "study_uid": study_uid,
        "result_id": current.id,
        "finding": finding,
        "verdict": said.verdict,
        "detail": msgspec.json.encode(said).decode(),
        "model": current.model,
        "at": clock.now(),
    }
    with writing(engine) as connection:
        connection.execute(sa.insert(finding_feedback).values(row))
        audit.append(connection, [audit.entry("finding feedback", "http", "", said.verdict, {"result": current.id})])
