"""Reminders as Task and Flag, texts to residents as CommunicationRequest (FHIR R4)."""

from datetime import date, datetime
from typing import Any

from cdss.rules.alert import Severity, Text
from cdss.serving.platform.language import Lang
from cdss.serving.population.outreach.core.reminder import Reminder
from cdss.serving.population.outreach.core.texts import Texts
from cdss.serving.population.outreach.fhir.words import (
    PROGRAM,
    REMINDER,
    RULE,
    Resource,
    concept,
    filled,
    notes,
    said,
    subject,
)

FLAGGED: tuple[Severity, ...] = ("contraindicated", "avoid", "precaution")  # severities that are a Flag as well
TASK_STATUS = {
    "open": "requested", "resolved": "completed", "done": "completed", "declined": "rejected", "lapsed": "cancelled",
    "replaced": "cancelled",
}  # fmt: skip
WHY = {
    "resolved": Text("之后的评估已不再建议", "no longer advised at a later assessment"),
    "done": Text("医生已处理", "handled by the doctor"),
    "declined": Text("医生认为不适用", "the doctor finds it unsuitable"),
    "lapsed": Text("逾期已久，另建新任务", "long overdue, a new task was made"),
    "replaced": Text("已成为紧急情况，另建新任务", "became an emergency, a new task was made"),
}
REQUEST_STATUS = {
    "queued": "active", "held": "active", "sent": "completed", "failed": "on-hold", "cancelled": "revoked",
}  # fmt: skip
CLINICAL = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "clinical"}],
}


def task(one: Reminder, lang: Lang) -> Resource:
    """What a doctor is to do; requested, then completed or cancelled with the reason."""
    advice = one.advice
    return filled(
        {
            "resourceType": "Task",
            "id": one.id,
            "identifier": [{"system": REMINDER, "value": one.id}],
            "status": TASK_STATUS[one.state],
            "statusReason": concept(WHY[one.state], lang) if one.state in WHY else None,
            "intent": "proposal",
            "priority": _priority(one),
            "code": concept(advice.action, lang, RULE, one.rule),
            "description": said(advice, lang),
            "for": subject(one.resident_id),
            "authoredOn": one.opened.isoformat(),
            "lastModified": (one.closed or one.opened).isoformat(),
            "requester": PROGRAM,
            "owner": {"display": one.doctor} if one.doctor else None,
            "reasonCode": concept(advice.summary, lang),
            "restriction": {"period": {"end": advice.due.isoformat()}} if advice.due else None,
            "note": notes(lang, review=advice.review),
        }
    )


def flag(one: Reminder, lang: Lang) -> Resource:
    """A warning to be seen when the chart is opened; active while the reminder is open."""
    ended = one.closed.isoformat() if one.closed else None
    return {
        "resourceType": "Flag",
        "id": one.id,
        "identifier": [{"system": REMINDER, "value": one.id}],
        "status": "active" if one.state == "open" else "inactive",
        "category": [CLINICAL],
        "code": concept(Text(said(one.advice, "zh"), said(one.advice, "en")), lang, RULE, one.rule),
        "subject": subject(one.resident_id),
        "period": filled({"start": one.opened.isoformat(), "end": ended}),
        "author": PROGRAM,
    }


def communication(row: Any, one: Reminder, texts: Texts, lang: Lang, today: date) -> Resource:
    """A text to a resident, from its row of the table `letter`: words without diagnosis or value."""
    state = REQUEST_STATUS[row.state]
    return filled(
        {
            "resourceType": "CommunicationRequest",
            "id": row.id,
            "identifier": [{"system": "urn:wangdi-cdss:letter", "value": row.id}],
            "status": state,
            "statusReason": {"text": row.error} if row.error and state in ("on-hold", "revoked") else None,
            "priority": "urgent" if one.urgent else "routine",
            "subject": subject(one.resident_id),
            "about": [{"reference": f"Task/{one.id}", "identifier": {"system": REMINDER, "value": one.id}}],
            "payload": [{"contentString": texts.resident(one.advice.due or today, today, lang)}],
            "occurrenceDateTime": datetime.fromtimestamp(row.due).astimezone().isoformat(timespec="seconds"),
            "authoredOn": row.at,
            "requester": {"type": "Device", **PROGRAM},
            "recipient": [subject(one.resident_id)],
            "note": notes(lang, review=texts.state != "reviewed"),
        }
    )


def _priority(one: Reminder) -> str:
    if one.urgent:
        return "stat"
    return "urgent" if one.advice.severity in ("contraindicated", "avoid") else "routine"
