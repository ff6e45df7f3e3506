"""One matter, one alert: what several rules say of the same thing is told once, by the worst of them.

Nothing is lost by it. Two substances that are duplicates and interact as well stay two alerts, but the interaction,
if it is no worse, is an echo: it is listed, and does not interrupt a second time.
"""

import msgspec

from cdss.rules.alert import RANK, Alert
from cdss.rules.asking.context import Context


def merged(alerts: list[Alert], context: Context) -> tuple[Alert, ...]:
    """The alerts, worst first: of one matter the worst, echoes marked."""
    found: dict[tuple[object, ...], Alert] = {}
    for alert in sorted(alerts, key=_rank):
        found.setdefault(_about(alert, context), alert)
    return tuple(_echoes_marked(list(found.values()), context))


def _rank(alert: Alert) -> tuple[int, str, tuple[str, ...]]:
    return RANK[alert.severity], alert.rule, alert.orders


def _about(alert: Alert, context: Context) -> tuple[object, ...]:
    """What makes two alerts the same matter. What orders do together is seen from every one of them."""
    if alert.kind == "duplicate" or (alert.kind == "incompatibility" and len(alert.orders) > 1):
        return (alert.kind, frozenset(alert.orders), _medicines(alert, context))
    if alert.kind == "allergy":
        return (alert.kind, alert.orders, frozenset(alert.others))
    if alert.kind == "dose":
        return (alert.rule, frozenset(alert.orders))
    return (alert.rule, alert.orders, alert.others)


def _echoes_marked(alerts: list[Alert], context: Context) -> list[Alert]:
    """Interactions of two single substances that are told as duplicates, and no worse, are echoes.

    Medicines of several substances are none: the interaction may be of the others.
    """
    duplicates = [alert for alert in alerts if alert.kind == "duplicate"]
    if not duplicates:
        return alerts
    several = {taken.drug.text for taken in context.taken if len(taken.drug.ingredients) > 1}

    def echoes(alert: Alert, told: Alert) -> bool:
        no_worse = alert.kind == "interaction" and RANK[alert.severity] >= RANK[told.severity]
        if not no_worse or not set(told.orders) <= set(alert.orders):
            return False
        return _medicines(alert, context) <= _medicines(told, context) - several

    return [
        msgspec.structs.replace(alert, echo=True) if any(echoes(alert, told) for told in duplicates) else alert
        for alert in alerts
    ]


def _medicines(alert: Alert, context: Context) -> frozenset[str]:
    """The medicines an alert is about, ordered or not, by name."""
    ordered = (order.drug.text for order in context.facts.orders if order.id in alert.orders)
    return frozenset((*alert.others, *ordered))
