"""A resident on the worklist as the JSON API tells it: the assessment, what is open, what changed, trends, targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cdss.rules.alert import Text
from cdss.rules.pack import Pack
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.output.targets import Target, crossed, targets
from cdss.serving.population.output.told import advised, told
from cdss.serving.population.scoring.words import named, rounded, shown
from cdss.serving.population.worklist.agenda import Item
from cdss.serving.population.worklist.changes import Change
from cdss.serving.population.worklist.store import Entry, Visit

TRENDS = ("sbp", "dbp", "fpg_mmol", "hba1c_pct", "weight_kg", "egfr", "ldl_mmol", "uacr_mg_g", "bmi", "waist_cm")
TIERS = {
    "high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low"),
    "unknown": Text("未知", "unknown"),
}  # fmt: skip
WORDS = {
    "tier": Text("分层由{before}变为{now}", "tier was {before}, now {now}"),
    "advised": Text("新的建议：{says}", "new: {says}"),
    "resolved": Text("已不再需要：{says}", "no longer: {says}"),
    "undecided": Text("资料过旧或缺失，无法再判断：{says}", "cannot be checked again, data are old or missing: {says}"),
    "flagged": Text("{about}：达到筛查界值", "{about}: now above its threshold"),
    "unflagged": Text("{about}：已低于筛查界值", "{about}: no longer above its threshold"),
    "not_scored": Text("本次未能评估", "could not be assessed this time"),
    "value": Text("{value}，上次 {before}", "{value}, before {before}"),
}
CROSSED = {"missed": Text("（不再达标）", " (no longer at target)"), "reached": Text("（已达标）", " (now at target)")}


@dataclass(frozen=True, slots=True)
class Ward:
    """What the words need beside the entry: the knowledge, what the models are called, and the day."""

    pack: Pack
    titles: Mapping[str, Text]
    today: date


def listed(entry: Entry, ward: Ward, lang: Lang) -> dict[str, Any]:
    """The entry as a list shows it."""
    held = targets(entry.assessment, ward.pack)
    said = told(entry.assessment, lang)
    return said | {
        "tier": entry.tier,
        "advices": [item_told(item, ward.today, lang) for item in entry.open],
        "handled": [item_told(item, ward.today, lang) for item in entry.items if not item.open],
        "overdue": any(overdue(item, ward.today) for item in entry.open),
        "changed": {
            "on": entry.changed_on.isoformat() if entry.changed_on else "",
            "since": entry.compared_with.isoformat() if entry.compared_with else "",
            "what": [_changed(change, held, ward, lang) for change in entry.changes],
        },
        "unchecked": [one | {"title": _title(one["rule"], ward, lang)} for one in said["unchecked"]],
    }


def whole(entry: Entry, visits: Iterable[Visit], ward: Ward, lang: Lang) -> dict[str, Any]:
    """The entry with its trends and targets."""
    held = targets(entry.assessment, ward.pack)
    visits = tuple(visits)
    return listed(entry, ward, lang) | {
        "trends": [trend for name in TRENDS if (trend := _trend(name, visits, held.get(name), lang))]
    }


def item_told(item: Item, today: date, lang: Lang) -> dict[str, Any]:
    """One item of advice with its days, and what was done with it.

    `carried`: it could not be checked at the last assessment, the words are those of an earlier one.
    """
    handled = item.handled
    return advised(item.advice, lang) | {
        "since": item.since.isoformat(),
        "due": item.due.isoformat() if item.due else "",
        "overdue": overdue(item, today),
        "visit_overdue": item.open and item.calls_for_a_late_visit,
        "carried": item.carried,
        "handled": {"as": handled.how, "at": handled.at, "by": handled.by, "note": handled.note} if handled else None,
    }


def overdue(item: Item, today: date) -> bool:
    """Whether the doctor is late."""
    return item.open and item.overdue_from is not None and item.overdue_from <= today


def _title(rule: str, ward: Ward, lang: Lang) -> str:
    known = ward.pack.rules.get(rule)
    return pick(known.rule.title, lang) if known else rule


def _changed(change: Change, held: Mapping[str, Target], ward: Ward, lang: Lang) -> dict[str, Any]:
    words = {"says": pick(change.says, lang), "about": change.about, "before": change.before, "now": change.now}
    crossing = ""
    match change.kind:
        case "tier":
            words |= {name: pick(TIERS[str(words[name])], lang) for name in ("before", "now")}
        case "flagged" | "unflagged":
            words["about"] = pick(ward.titles.get(change.about, Text(change.about, change.about)), lang)
        case "value":
            before, now = float(change.before or 0), float(change.now or 0)
            crossing = crossed(held.get(change.about), before, now)
            words |= {"value": pick(shown(change.about, now), lang), "before": rounded(before)}
    text = pick(WORDS[change.kind], lang).format(**words)
    return {
        "kind": change.kind,
        "about": change.about,
        "before": change.before,
        "now": change.now,
        "crossed": crossing,
        "text": text + (pick(CROSSED[crossing], lang) if crossing else ""),
    }


def _trend(name: str, visits: tuple[Visit, ...], target: Target | None, lang: Lang) -> dict[str, Any] | None:
    """One measurement over time, oldest first; None if it was never measured."""
    points = [(visit.day, visit.found[name]) for visit in visits if name in visit.found]
    if not points:
        return None
    return {
        "measurement": name,
        "name": pick(named(name), lang),
        "points": [
            {
                "day": day.isoformat(),
                "value": value,
                "text": pick(shown(name, value), lang),
                "met": target.met(value) if target else None,
            }
            for day, value in points
        ],
        "target": target
        and {"number": target.number, "side": target.side, "kind": target.kind, "source": target.source},
    }
