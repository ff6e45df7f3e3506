"""A simple order from request to response: checked, recorded, and compared with what the encounter has seen."""

from typing import Any
from uuid import uuid4

from cdss.rules.engine import Review
from cdss.serving.emr import records
from cdss.serving.emr.desk import Desk, since
from cdss.serving.emr.simple import answer as simple_answer
from cdss.serving.emr.simple import facts as simple_facts
from cdss.serving.emr.simple import types as simple
from cdss.serving.emr.simple.answer import alert_id
from cdss.serving.platform.language import Lang

SERVICE = "simple"


def simple_check(desk: Desk, value: Any, default: Lang, started: float) -> dict[str, Any]:
    """The response to a simple order; its own `lang` wins over `default`."""
    order = simple.request(value)
    asked = simple_facts.asked(order, simple.unknown_members(value), desk.pack, desk.clock())
    review = desk.review(asked)
    again = _again(desk, order, review)
    elapsed = since(started)
    shown = [(str(uuid4()), alert) for alert in review.alerts if alert.kind != "data"]
    reasons = {one.alert: one.reason for one in order.overrides}
    overridden = [(uuid, reasons[alert_id(alert)]) for uuid, alert in shown if alert_id(alert) in reasons]
    desk.record(
        asked.facts.patient.id,
        review,
        SERVICE,
        elapsed,
        records.card_rows(shown, SERVICE),
        [records.override_row(uuid, reason, SERVICE) for uuid, reason in overridden],
    )
    return simple_answer.response(review, simple.lang(order, default), elapsed, again)


def _again(desk: Desk, order: simple.OrderRequest, review: Review) -> dict[str, str]:
    """Ids of alerts that need not interrupt again, with the reason given for going on; overrides are remembered.

    What is contraindicated interrupts whatever was said.
    """
    key = (order.patient.id or "", order.encounter or "")
    reasons = {one.alert: one.reason for one in order.overrides}
    for alert, reason in reasons.items():
        desk.encounters.overridden_alert(key, alert, reason)
    milder = {alert_id(alert) for alert in review.alerts if alert.severity != "contraindicated"}
    seen = {f"{SERVICE}:{id}": id for id in map(alert_id, review.alerts)}
    before = {alert_id(alert): reason for alert, reason in desk.encounters.split(key, review, seen).again}
    return before | {alert: reason for alert, reason in reasons.items() if alert in milder}
