"""The one card that lists what was said before in an encounter, so that nothing is dropped and nothing nags."""

from typing import Any
from uuid import uuid5

from cdss.rules.alert import Alert, Text
from cdss.rules.words import level
from cdss.serving.emr.cards import LABEL, NAMESPACE, OVERRIDES, escaped, source
from cdss.serving.emr.simple_answer import NOTICE
from cdss.serving.platform.language import Lang, pick

REASONS = dict(OVERRIDES)


def repeat_card(again: tuple[tuple[Alert, str], ...], instance: str, lang: Lang) -> dict[str, Any]:
    """The card for alerts shown before, each with the reason it was overridden for, if there is one."""
    summary = Text(
        f"本次就诊已提示过的 {len(again)} 条，不再逐条弹出", f"{len(again)} alerts shown before in this encounter"
    )
    lines = [_line(alert, reason, lang) for alert, reason in again]
    return {
        "uuid": str(uuid5(NAMESPACE, f"{instance}\x1frepeated")),
        "summary": pick(summary, lang),
        "indicator": "info",
        "detail": "\n\n".join((*lines, f"_{pick(NOTICE, lang)}_")),
        "source": source(pick(LABEL, lang), "", "data"),
    }


def _line(alert: Alert, reason: str, lang: Lang) -> str:
    said = f"**{pick(level(alert.kind, alert.severity), lang)}** {escaped(pick(alert.summary, lang))} `{alert.rule}`"
    if not reason:
        return said
    words = pick(REASONS[reason], lang) if reason in REASONS else reason
    return said + pick(Text(f"（已说明理由：{escaped(words)}）", f" (overridden: {escaped(words)})"), lang)
