"""What an opened chart calls for, on few cards: each emergency alone, the rest one card a kind of matter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid5

import msgspec

from cdss.rules.alert import SEVERITIES, Alert, Text
from cdss.rules.asking.words import level
from cdss.rules.engine import Review
from cdss.serving.emr.hooks import cards as order_cards
from cdss.serving.emr.hooks.cards import INDICATOR, LABEL, LONGEST_SUMMARY, NAMESPACE, escaped, source
from cdss.serving.emr.simple.answer import NEEDS_REVIEW, NOTICE
from cdss.serving.platform.language import Lang, pick

MANAGEMENT = Text("慢病管理与转诊", "Care and referral")
GROUPS = {  # second part of a rule's id -> the card it stands on
    "hypertension": MANAGEMENT,
    "diabetes": MANAGEMENT,
    "referral": MANAGEMENT,
    "medicines": Text("用药缺口", "Medicines to review"),
    "overdue": Text("随访与检查缺口", "Overdue tests and visits"),
    "nodule": Text("肺结节随访", "Lung nodule follow-up"),
    "lung-nodule": Text("肺结节随访", "Lung nodule follow-up"),
}
QUIET = "info"


@dataclass(frozen=True, slots=True)
class Group:
    """The alerts of one card, worst first; `names` are the matters they are about, each once."""

    title: Text
    uuid: str
    alerts: tuple[Alert, ...]
    names: tuple[Text, ...]


def grouped(review: Review, titles: Mapping[str, Text], instance: str) -> list[Group]:
    """The groups in the order of their worst alert. Of two alerts about one matter the worse speaks."""
    found: dict[str, Group] = {}
    for alert in sorted(review.alerts, key=lambda alert: SEVERITIES.index(alert.severity)):
        if alert.kind == "data":
            continue
        title = _group(alert)
        key = title.en if title else alert.rule
        group = found.get(key) or Group(title or alert.summary, str(uuid5(NAMESPACE, f"{instance}\x1f{key}")), (), ())
        found[key] = _joined(group, alert, titles.get(alert.rule, alert.summary))
    return list(found.values())


def _group(alert: Alert) -> Text | None:
    """The card an alert stands on; None for one that stands alone."""
    return None if alert.interruptive else GROUPS.get(alert.rule.split("/")[1])


def _joined(group: Group, alert: Alert, name: Text) -> Group:
    if name in group.names:
        return group
    return replace(group, alerts=(*group.alerts, alert), names=(*group.names, name))


def cards(review: Review, groups: list[Group], instance: str, lang: Lang) -> list[dict[str, Any]]:
    """A card for each group, then those about the data and about what could not be checked."""
    data = tuple(alert for alert in review.alerts if alert.kind == "data")
    rest = msgspec.structs.replace(review, alerts=data)
    return [*(_card(group, lang) for group in groups), *order_cards.cards(rest, instance, "pathway-gaps", lang)]


def _card(group: Group, lang: Lang) -> dict[str, Any]:
    worst = group.alerts[0]
    named = [source_of.title for alert in group.alerts for source_of in alert.sources]
    return {
        "uuid": group.uuid,
        "summary": _summary(group, lang),
        "indicator": INDICATOR[worst.severity],
        "detail": "\n\n".join((*(_line(alert, lang) for alert in group.alerts), f"_{pick(NOTICE, lang)}_")),
        "source": source(named[0] if len(set(named)) == 1 else pick(LABEL, lang), "", worst.kind),
        "overrideReasons": order_cards.override_reasons(lang),
    }


def _summary(group: Group, lang: Lang) -> str:
    if group.alerts[0].interruptive or len(group.alerts) == 1:
        text = pick(group.alerts[0].summary, lang)
    else:
        names = ("、" if lang == "zh" else ", ").join(pick(name, lang) for name in group.names)
        count = Text(f"{len(group.names)} 项", f"{len(group.names)}")
        text = pick(Text(f"{group.title.zh} {count.zh}：{names}", f"{group.title.en} ({count.en}): {names}"), lang)
    plain = text.replace("<", "‹").replace(">", "›").replace("\n", " ")
    return plain if len(plain) <= LONGEST_SUMMARY else plain[: LONGEST_SUMMARY - 1] + "…"


def _line(alert: Alert, lang: Lang) -> str:
    """One matter: level, what, what to do, the rule and its sources."""
    named = "" if alert.severity == QUIET else f"**{pick(level(alert.kind, alert.severity), lang)}** "
    action = escaped(pick(alert.action, lang))
    from_where = "; ".join(f"{escaped(one.title)} ({escaped(one.dated)})" for one in alert.sources)
    reviewed = pick(NEEDS_REVIEW, lang) if alert.review else ""
    what = f"{named}{escaped(pick(alert.summary, lang))} {action}"
    return f"- {what.strip()} `{alert.rule}` {alert.rule_version}{reviewed} {from_where}"
