"""Alerts as CDS Hooks cards. Whatever came from the request is escaped before it may enter Markdown."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import msgspec

from cdss.rules.alert import Alert, Severity, Text
from cdss.rules.asking.words import level
from cdss.rules.engine import Review
from cdss.serving.emr.hooks.suggestions import suggested
from cdss.serving.emr.simple.answer import NEEDS_REVIEW, NOTICE, alert_id
from cdss.serving.platform.language import Lang, pick

NAMESPACE = UUID("6f1c3f0a-4f0e-5b0a-9d7e-0d6a5a3c2b11")  # of card uuids: the same card of the same call is the same
INDICATOR: dict[Severity, str] = {
    "contraindicated": "critical", "avoid": "warning", "precaution": "info", "consider": "info", "info": "info",
}  # fmt: skip
LONGEST_SUMMARY = 139
SYSTEM = "urn:wangdi-cdss"
LABEL = Text("网底临床决策支持", "Wangdi CDSS")
COMMA = Text("、", ", ")  # between the parts of a list
OVERRIDES = (  # why a doctor goes on: code -> display
    ("benefit-outweighs-risk", Text("获益大于风险", "Benefit outweighs risk")),
    ("tolerated-before", Text("既往耐受", "Tolerated before")),
    ("will-monitor", Text("将监测或调整剂量", "Will monitor or adjust the dose")),
    ("not-applicable", Text("不适用于该患者", "Does not apply to this patient")),
    ("data-wrong", Text("资料有误", "The data are wrong")),
)
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
HEADINGS = {
    "basis": Text("依据", "Basis"),
    "action": Text("建议", "Action"),
    "sources": Text("来源", "Sources"),
    "unknown": Text("未能核对", "Could not be checked"),
    "unmapped": Text("未识别", "Not recognised"),
}


def cards(review: Review, instance: str, service: str, lang: Lang, patient: str = "") -> list[dict[str, Any]]:
    """The cards of a review, worst first; what could not be checked comes last, in one card each.

    `patient`: the id that drafts of alternatives are for; without one none are offered.
    """
    found = [_card(alert, uuid, patient, lang) for uuid, alert in uuids(review, instance, service)]
    if review.unknown:
        found.append(_unknown_card(review, card_uuid(instance, service, "unknown"), lang))
    if review.unmapped:
        found.append(_unmapped_card(review, card_uuid(instance, service, "unmapped"), lang))
    return found


def about(review: Review, orders: frozenset[str] | None) -> Review:
    """The part of a review that is about some of the orders; all of it if `orders` is None."""
    if orders is None:
        return review
    return msgspec.structs.replace(
        review,
        alerts=tuple(alert for alert in review.alerts if not alert.orders or orders.intersection(alert.orders)),
        unknown=tuple(
            unknown for unknown in review.unknown if not unknown.orders or orders.intersection(unknown.orders)
        ),
    )


def uuids(review: Review, instance: str, service: str) -> Iterator[tuple[str, Alert]]:
    """The uuid of each alert's card."""
    return ((card_uuid(instance, service, alert_id(alert)), alert) for alert in review.alerts)


def escaped(text: str) -> str:
    """Text that Markdown, and a client that renders HTML inside it, shows as it is."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    return SPECIAL.sub(r"\\\1", plain)


def card_uuid(*parts: str) -> str:
    """The uuid of a card that these parts name: the same parts, the same uuid."""
    return str(uuid5(NAMESPACE, "\x1f".join(parts)))


def _card(alert: Alert, uuid: str, patient: str, lang: Lang) -> dict[str, Any]:
    first = alert.sources[0] if alert.sources else None
    card: dict[str, Any] = {
        "uuid": uuid,
        "summary": _summary(alert, lang),
        "indicator": INDICATOR[alert.severity],
        "detail": _detail(alert, lang),
        "source": source(first.title if first else pick(LABEL, lang), first.url if first else "", alert.kind),
    }
    if alert.kind != "data":
        card["overrideReasons"] = override_reasons(lang)
    return card | suggested(alert, uuid, patient, lang)


def override_reasons(lang: Lang) -> list[dict[str, str]]:
    """Why a doctor may go on, as CDS Hooks codes."""
    return [{"code": code, "system": f"{SYSTEM}:override", "display": pick(text, lang)} for code, text in OVERRIDES]


def _summary(alert: Alert, lang: Lang) -> str:
    """One line of plain text without markup, cut to the length the specification allows."""
    text = pick(alert.summary, lang).replace("<", "‹").replace(">", "›").replace("\n", " ").strip()
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1] + "…"


def source(label: str, url: str, kind: str) -> dict[str, Any]:
    """Where a card comes from; its topic is the kind of alert."""
    found: dict[str, Any] = {"label": label, "topic": {"system": f"{SYSTEM}:kind", "code": kind, "display": kind}}
    return found | ({"url": url} if url.startswith(("http://", "https://")) else {})


def _detail(alert: Alert, lang: Lang) -> str:
    """Level, reason, action, basis, sources, rule and notice, as Markdown."""
    lines = [f"**{pick(level(alert.kind, alert.severity), lang)}** {escaped(pick(alert.summary, lang))}"]
    lines += [escaped(line) for line in pick(alert.detail, lang).split("\n") if line]
    if action := pick(alert.action, lang):
        lines.append(f"**{_heading('action', lang)}** {escaped(action)}")
    lines += [f"**{_heading('basis', lang)}** {basis}" for basis in _basis(alert)]
    lines += [f"**{_heading('sources', lang)}** {escaped(s.title)} ({escaped(s.dated)})" for s in alert.sources]
    reviewed = pick(NEEDS_REVIEW, lang) if alert.review else ""
    lines.append(f"`{alert.rule}` {alert.rule_version}{reviewed}")
    return "\n\n".join((*lines, f"_{pick(NOTICE, lang)}_"))


def _basis(alert: Alert) -> list[str]:
    """The facts that were found true, each once, with their values and days."""
    told = (t for t in alert.trace if t.truth == "true" and t.value is not None)
    return list(dict.fromkeys(escaped(f"{t.fact} {t.value} {t.unit} {t.date or ''}".strip()) for t in told))


def _heading(name: str, lang: Lang) -> str:
    return pick(HEADINGS[name], lang)


def _unknown_card(review: Review, uuid: str, lang: Lang) -> dict[str, Any]:
    missing = {unknown: [pick(t, lang) for t in unknown.missing] or list(unknown.needs) for unknown in review.unknown}
    needs = sorted({word for words in missing.values() for word in words})
    comma, count = pick(COMMA, lang), len(review.unknown)
    lines = [f"`{unknown.rule}`: {escaped(comma.join(words))}" for unknown, words in missing.items()]
    rules = "1 rule" if count == 1 else f"{count} rules"
    summary = Text(f"{count} 条规则因缺少资料未能核对", f"{rules} could not be checked for want of data")
    return _data_card(uuid, summary, _heading("unknown", lang), [escaped(comma.join(needs)), *lines], lang)


def _unmapped_card(review: Review, uuid: str, lang: Lang) -> dict[str, Any]:
    lines = [escaped(unmapped.text) for unmapped in review.unmapped]
    summary = Text(
        f"{len(lines)} 项药品或过敏名称未识别，未核对",
        f"{len(lines)} medicine or allergy names were not recognised and not checked",
    )
    return _data_card(uuid, summary, _heading("unmapped", lang), lines, lang)


def _data_card(uuid: str, summary: Text, heading: str, lines: list[str], lang: Lang) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "summary": pick(summary, lang),
        "indicator": "info",
        "detail": "\n\n".join((f"**{heading}**", *lines, f"_{pick(NOTICE, lang)}_")),
        "source": source(pick(LABEL, lang), "", "data"),
    }
