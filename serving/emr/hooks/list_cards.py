"""Cards that list several alerts: what was said before in an encounter, and what is only worth knowing.

Nothing is dropped and nothing nags: each alert has its line, with its level, its advice and its rule.
"""

from typing import Any

import msgspec

from cdss.rules.alert import Alert, Text
from cdss.rules.asking.words import level
from cdss.rules.engine import Review
from cdss.serving.emr.hooks.cards import LABEL, OVERRIDES, card_uuid, escaped, source
from cdss.serving.emr.simple.answer import NEEDS_REVIEW, NOTICE
from cdss.serving.platform.language import Lang, pick

REASONS = dict(OVERRIDES)
FEW = 2  # alerts only worth knowing that still get a card each


def tiered(review: Review) -> tuple[Review, list[Alert]]:
    """The review without what is only worth knowing, and that apart; a few of them stay where they are."""
    minor = [alert for alert in review.alerts if _minor(alert)]
    if len(minor) <= FEW and not any(alert.echo for alert in minor):
        return review, []
    return msgspec.structs.replace(review, alerts=tuple(alert for alert in review.alerts if not _minor(alert))), minor


def _minor(alert: Alert) -> bool:
    return alert.echo or (alert.severity == "consider" and alert.kind != "data")


def repeat_card(again: tuple[tuple[Alert, str], ...], instance: str, lang: Lang) -> dict[str, Any]:
    """Alerts shown before in the encounter, each with the reason it was overridden for, if there is one."""
    summary = Text(
        f"本次就诊已提示过的 {len(again)} 条，不再逐条弹出", f"{len(again)} alerts shown before in this encounter"
    )
    lines = [_line(alert, lang) + _overridden(reason, lang) for alert, reason in again]
    return _list(card_uuid(instance, "repeated"), summary, lines, lang)


def minor_card(alerts: list[Alert], instance: str, service: str, lang: Lang) -> dict[str, Any]:
    """Alerts that are only worth knowing, in one card."""
    summary = Text(f"另有 {len(alerts)} 条注意事项", f"{len(alerts)} more points to take into account")
    return _list(card_uuid(instance, service, "minor"), summary, [_line(alert, lang) for alert in alerts], lang)


def _list(uuid: str, summary: Text, lines: list[str], lang: Lang) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "summary": pick(summary, lang),
        "indicator": "info",
        "detail": "\n\n".join((*lines, f"_{pick(NOTICE, lang)}_")),
        "source": source(pick(LABEL, lang), "", "data"),
    }


def _line(alert: Alert, lang: Lang) -> str:
    said = f"**{pick(level(alert.kind, alert.severity), lang)}** {escaped(pick(alert.summary, lang))}"
    advice = escaped(pick(alert.action, lang))
    reviewed = pick(NEEDS_REVIEW, lang) if alert.review else ""
    return " ".join(part for part in (said, advice, f"`{alert.rule}`{reviewed}") if part)


def _overridden(reason: str, lang: Lang) -> str:
    if not reason:
        return ""
    words = escaped(pick(REASONS[reason], lang) if reason in REASONS else reason)
    return pick(Text(f"（已说明理由：{words}）", f" (overridden: {words})"), lang)
