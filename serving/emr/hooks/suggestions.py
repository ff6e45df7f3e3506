"""What a card offers to do: take an order back, or order something else instead (CDS Hooks 2.0.1, Suggestion)."""

import re
from typing import Any
from uuid import UUID, uuid5

from cdss.rules.alert import Alert, Alternative, Text
from cdss.serving.platform.language import Lang, pick

WHO_ATC = "http://www.whocc.no/atc"
SUBSTANCE = 7  # characters of an ATC code of level 5
RESOURCE_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def suggested(alert: Alert, card: str, patient: str, lang: Lang) -> dict[str, Any]:
    """The card's suggestions, of which at most one is taken; nothing if there are none.

    `card` is its uuid: the same suggestion of the same card has the same uuid. An alternative can be drafted only for a
    patient whose id is known.
    """
    found = [_withdraw(order, card, lang) for order in _withdrawn(alert)]
    if RESOURCE_ID.fullmatch(patient):
        offers = [one for one in alert.alternatives if RESOURCE_ID.fullmatch(one.replaces)]
        found += [_instead(one, card, patient, lang) | {"isRecommended": one is offers[0]} for one in offers]
    return {"suggestions": found, "selectionBehavior": "at-most-one"} if found else {}


def _withdrawn(alert: Alert) -> list[str]:
    """The order that a contraindicated alert offers to take back."""
    if alert.severity != "contraindicated":
        return []
    return [order for order in alert.orders if RESOURCE_ID.fullmatch(order)][:1]


def _withdraw(order: str, card: str, lang: Lang) -> dict[str, Any]:
    label = pick(Text("撤回此医嘱", "Withdraw this order"), lang)
    return {"label": label, "uuid": _uuid(card, "withdraw"), "actions": [_delete(order, label)]}


def _instead(one: Alternative, card: str, patient: str, lang: Lang) -> dict[str, Any]:
    name = pick(Text(one.zh, one.en), lang)
    label = pick(Text(f"改用{one.zh}：{one.why.zh}", f"Order {one.en} instead: {one.why.en}"), lang)
    take_back = pick(Text("撤回原医嘱", "Withdraw the order it replaces"), lang)
    draft = pick(
        Text(f"新建{one.zh}医嘱草稿，剂量请填写", f"Draft an order of {one.en}; the dose is for you to fill in"), lang
    )
    create = {"type": "create", "description": draft, "resource": _draft(one, name, patient)}
    return {
        "label": label,
        "uuid": _uuid(card, one.replaces, one.ingredient),
        "actions": [_delete(one.replaces, take_back), create],
    }


def _delete(order: str, description: str) -> dict[str, Any]:
    return {"type": "delete", "description": description, "resourceId": f"MedicationRequest/{order}"}


def _draft(one: Alternative, name: str, patient: str) -> dict[str, Any]:
    """A draft without dose: what to give is suggested, how much is not."""
    coding = [{"system": WHO_ATC, "code": one.atc, "display": one.en}] if len(one.atc) == SUBSTANCE else []
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": ({"coding": coding} if coding else {}) | {"text": name},
    }


def _uuid(card: str, *parts: str) -> str:
    return str(uuid5(UUID(card), "\x1f".join(parts)))
