"""What is said of imaging orders: cards, and the rating of each order (Argonaut, CDS Hooks for PAMA)."""

from typing import Any
from uuid import uuid5

from cdss.rules.alert import Alert, Text
from cdss.rules.engine import Review
from cdss.serving.emr.hooks.cards import NAMESPACE, uuids
from cdss.serving.emr.hooks.cards import cards as alert_cards
from cdss.serving.emr.hooks.suggestions import RESOURCE_ID
from cdss.serving.emr.imaging.orders import ImagingOrder
from cdss.serving.platform.language import Lang, pick

SERVICE = "imaging-order"
CRITERIA = "imaging/criteria/"  # rules that say whether a study is appropriate; the others say whether it is safe
RATING = "http://fhir.org/argonaut/Extension/pama-rating"
RATINGS = "http://fhir.org/argonaut/CodeSystem/pama-rating"
RATED = Text("影像申请适宜性评级", "Rate the imaging order")
WITHDRAW = Text("撤回此申请", "Withdraw this order")


def rating(review: Review) -> str:
    """Appropriate if a criterion says so, not if one speaks against it; else no guideline applies to what was told."""
    said = [alert for alert in review.alerts if alert.rule.startswith(CRITERIA)]
    if any(_against(alert) for alert in said):
        return "not-appropriate"
    return "appropriate" if said else "no-guidelines-apply"


def _against(alert: Alert) -> bool:
    return alert.rule.startswith(CRITERIA) and alert.severity != "info"


def system_actions(orders: list[ImagingOrder], reviews: list[Review], lang: Lang) -> list[dict[str, Any]]:
    """An update of each order with its rating; an order without an id cannot be updated."""
    return [
        {"type": "update", "description": pick(RATED, lang), "resource": _rated(order, rating(review))}
        for order, review in zip(orders, reviews, strict=True)
        if order.raw and RESOURCE_ID.fullmatch(order.id)
    ]


def _rated(order: ImagingOrder, code: str) -> dict[str, Any]:
    """The whole resource as it was sent, with the rating in place of any earlier one."""
    kept = [one for one in order.raw.get("extension") or () if isinstance(one, dict) and one.get("url") != RATING]
    rated = {"url": RATING, "valueCodeableConcept": {"coding": [{"system": RATINGS, "code": code}]}}
    whole: dict[str, Any] = _without_nothing({**order.raw, "extension": [*kept, rated]})
    return whole


def _without_nothing(value: Any) -> Any:
    """A value without members that say nothing: an answer must not carry null, empty text, objects or lists."""
    if isinstance(value, dict):
        members = ((key, _without_nothing(member)) for key, member in value.items())
        return {key: member for key, member in members if member not in (None, "", {}, [])}
    if isinstance(value, list):
        return [member for part in value if (member := _without_nothing(part)) not in (None, "", {}, [])]
    return value


def cards(review: Review, orders: list[ImagingOrder], instance: str, lang: Lang) -> list[dict[str, Any]]:
    """The cards of the review; one that speaks against an order offers to withdraw it."""
    known = {order.id for order in orders if order.raw and RESOURCE_ID.fullmatch(order.id)}
    against = {
        uuid: alert.orders[0]
        for uuid, alert in uuids(review, instance, SERVICE)
        if alert.orders and alert.orders[0] in known and (_against(alert) or alert.interruptive)
    }
    found = alert_cards(review, instance, SERVICE, lang)
    return [card | _withdrawal(card["uuid"], against[card["uuid"]], lang) if card["uuid"] in against else card
            for card in found]  # fmt: skip


def _withdrawal(card: str, order: str, lang: Lang) -> dict[str, Any]:
    label = pick(WITHDRAW, lang)
    action = {"type": "delete", "description": label, "resourceId": f"ServiceRequest/{order}"}
    suggestion = {"label": label, "uuid": str(uuid5(NAMESPACE, f"{card}\x1fwithdraw")), "actions": [action]}
    return {"suggestions": [suggestion], "selectionBehavior": "at-most-one"}
