"""The engine's review as the simple order's response (contract, section 5)."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cdss.rules.alert import Alert, Text
from cdss.rules.engine import Review
from cdss.serving.platform.language import Lang, pick

NEEDS_REVIEW = Text("（知识待临床审核）", " (knowledge needs clinical review)")
NOTICE = Text(
    "临床决策辅助，非已注册医疗器械；请由医师判断。",
    "Decision support, not a cleared medical device; the clinician decides.",
)

NOTHING: Mapping[str, str] = MappingProxyType({})
Again = Mapping[str, str]  # ids of alerts said before in the encounter, and the reason they were overridden for, or ""


def response(review: Review, lang: Lang, elapsed_ms: float, again: Again = NOTHING) -> dict[str, Any]:
    """The response body: alerts worst first, and everything that could not be checked."""
    return {
        "alerts": [_alert(alert, lang, again) for alert in review.alerts],
        "unknown": [
            {
                "rule": u.rule,
                "needs": list(u.needs),
                "missing": [pick(text, lang) for text in u.missing] or list(u.needs),
                "orders": list(u.orders),
            }
            for u in review.unknown
        ],
        "unmapped": [{u.what: u.id or u.text, "text": u.text} for u in review.unmapped],
        "failed": [{"rule": failure.rule} for failure in review.failures],
        "knowledge": {"version": review.version, "digest": review.digest},
        "notice": pick(NOTICE, lang),
        "elapsed_ms": round(elapsed_ms, 3),
    }


def alert_id(alert: Alert) -> str:
    """The same alert about the same orders has the same id, so that feedback and repeats can be matched.

    One that is worse, or says something else (another dose, another result), is another alert.
    """
    said = (alert.severity, alert.summary.en)
    about = "\x1f".join((alert.rule, alert.rule_version, *said, *alert.orders, "", *alert.others))
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _reviewed(alert: Alert) -> str:
    """What a clinician has said of the rule; remarks on the request itself are no clinical knowledge."""
    if alert.review:
        return "needs clinical review"
    return "not applicable" if alert.kind == "data" else "approved"


def _alert(alert: Alert, lang: Lang, again: Again) -> dict[str, Any]:
    id = alert_id(alert)
    return {
        "id": id,
        "rule": alert.rule,
        "rule_version": alert.rule_version,
        "kind": alert.kind,
        "severity": alert.severity,
        "interruptive": alert.interruptive and id not in again,
        "echo": alert.echo,
        "repeated": id in again,
        "overridden": again.get(id, ""),
        "orders": list(alert.orders),
        "with": list(alert.others),
        "summary": pick(alert.summary, lang),
        "detail": pick(alert.detail, lang),
        "action": pick(alert.action, lang),
        "alternatives": [
            {
                "instead_of": one.replaces,
                "ingredient": one.ingredient,
                "atc": one.atc,
                "name": pick(Text(one.zh, one.en), lang),
                "why": pick(one.why, lang),
                "source": {"title": one.source.title, "dated": one.source.dated, "grade": one.source.grade},
            }
            for one in alert.alternatives
        ],
        "review": _reviewed(alert),
        "sources": [{"title": s.title, "url": s.url, "dated": s.dated, "grade": s.grade} for s in alert.sources],
        "trace": [
            {"fact": t.fact, "value": t.value, "unit": t.unit, "date": t.date, "test": t.test, "truth": t.truth}
            for t in alert.trace
        ],
    }
