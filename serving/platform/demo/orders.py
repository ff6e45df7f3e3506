"""The demo's order checks: simple orders as JSON, and a CDS Hooks call with a FHIR chart."""

import time
from collections.abc import Iterator
from typing import Any

from cdss.serving.platform.config import Settings
from cdss.serving.platform.demo import samples
from cdss.serving.platform.demo.client import DemoFailed, Line, post


def lines(settings: Settings) -> Iterator[Line]:
    """One line a request. DemoFailed if nothing was said of one."""
    for request in samples.orders().values():
        ask = _hook if "hook" in request else _simple
        started = time.perf_counter()
        sent, said = ask(settings, request)
        if not said:
            raise DemoFailed(f"order check: no alert on {sent} where one was expected")
        yield Line("order", sent, "; ".join(said), time.perf_counter() - started)


def _simple(settings: Settings, request: dict[str, Any]) -> tuple[str, list[str]]:
    """Drugs ordered, and what was said: alerts that interrupt, then how many others and unknown."""
    answer = post(settings, "/api/v1/orders/check", request)
    sent = " + ".join(order["drug"]["name"] for order in request["orders"])
    interruptive = [alert["summary"] for alert in answer["alerts"] if alert["interruptive"]]
    rest = len(answer["alerts"]) - len(interruptive)
    return sent, [*interruptive, f"+{rest}, unknown {len(answer['unknown'])}"] if interruptive else []


def _hook(settings: Settings, request: dict[str, Any]) -> tuple[str, list[str]]:
    """The same of a CDS Hooks call: critical cards, then how many others."""
    cards = post(settings, "/cds-services/order-check-sign", request)["cards"]
    drafts = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    sent = "FHIR: " + " + ".join(draft["medicationCodeableConcept"]["text"] for draft in drafts)
    critical = [card["summary"] for card in cards if card["indicator"] == "critical"]
    return sent, [*critical, f"+{len(cards) - len(critical)}"] if critical else []
