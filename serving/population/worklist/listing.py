"""The worklist as asked for: filtered, in order, a page at a time.

The order is stable: the most urgent first, residents of equal urgency by id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import sqlalchemy as sa

from cdss.serving.population.scoring.assessment import DISEASES, Disease, Tier
from cdss.serving.population.worklist.store import Entry, several
from cdss.serving.population.worklist.tables import resident

Due = Literal["today", "week", "overdue", "none"]
Changed = Literal["run", "week", "month"]
CHOICES: dict[str, tuple[str, ...]] = {
    "disease": (*DISEASES, "none"),
    "tier": get_args(Tier),
    "due": get_args(Due),
    "changed": get_args(Changed),
}
DAYS = {"week": 7, "month": 31}
R = resident.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which residents. Empty: all. `id` is a part of the id; `disease` none: no disease known.

    `due`: something open is due today, within 7 days from today, was due before today, or nothing open has a day.
    `changed`: the last assessment changed something, or one within the last 7 or 31 days did.
    """

    village: str = ""
    doctor: str = ""
    disease: Disease | Literal["none", ""] = ""
    tier: Tier | Literal[""] = ""
    due: Due | Literal[""] = ""
    changed: Changed | Literal[""] = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list, how many residents there are in all, and by tier whatever the tier asked for."""

    entries: list[Entry]
    total: int
    counts: dict[str, int]


def page(connection: sa.Connection, query: Query, today: date, limit: int, offset: int = 0) -> Listing:
    """The residents asked for."""
    asked = wanted(query, today)
    rows = sa.select(R.id).where(*asked, *_of_tier(query)).order_by(R.urgency.desc(), R.id)
    ids = list(connection.execute(rows.limit(limit).offset(offset)).scalars())
    tiers = sa.select(R.tier, sa.func.count()).where(*asked).group_by(R.tier)
    by_tier = counts({row.tier: row[1] for row in connection.execute(tiers)})
    return Listing(several(connection, ids), total(by_tier, query), by_tier)


def choices(connection: sa.Connection) -> dict[str, list[str]]:
    """What filters can be set to: the villages and doctors on the list, and the fixed ones."""
    listed = {name: _distinct(connection, R[name]) for name in ("village", "doctor")}
    return listed | {name: list(values) for name, values in CHOICES.items()}


def wanted(query: Query, today: date) -> list[sa.ColumnElement[bool]]:
    """The conditions of a query, the tier apart."""
    equal = [R[name] == value for name in ("village", "doctor") if (value := getattr(query, name))]
    parts = [R.id.contains(query.id, autoescape=True)] if query.id else []
    return [*equal, *parts, *_of_disease(query), *_due(query, today), *_changed(query, today)]


def _of_tier(query: Query) -> list[sa.ColumnElement[bool]]:
    return [R.tier == query.tier] if query.tier else []


def _of_disease(query: Query) -> list[sa.ColumnElement[bool]]:
    if query.disease == "none":
        return [sa.not_(R[name]) for name in DISEASES]
    return [R[query.disease]] if query.disease else []


def _due(query: Query, today: date) -> list[sa.ColumnElement[bool]]:
    soon = (today + timedelta(days=7)).isoformat()
    match query.due:
        case "today":
            return [R.due == today.isoformat()]
        case "week":
            return [R.due.between(today.isoformat(), soon)]
        case "overdue":
            return [overdue(today)]
        case "none":
            return [R.due == ""]
    return []


def overdue(today: date) -> sa.ColumnElement[bool]:
    """Whether something open is overdue."""
    return sa.and_(R.overdue_from != "", R.overdue_from <= today.isoformat())


def _changed(query: Query, today: date) -> list[sa.ColumnElement[bool]]:
    if query.changed == "run":
        return [R.changed_on == R.day]
    if query.changed:
        return [R.changed_on >= (today - timedelta(days=DAYS[query.changed])).isoformat()]
    return []


def counts(found: Mapping[str, int]) -> dict[str, int]:
    """Every tier with its number, none left out."""
    return {tier: found.get(tier, 0) for tier in CHOICES["tier"]}


def total(by_tier: dict[str, int], query: Query) -> int:
    """How many there are of the tier asked for, or in all."""
    return by_tier[query.tier] if query.tier else sum(by_tier.values())


def _distinct(connection: sa.Connection, column: "sa.Column[str]") -> list[str]:
    return [value for value in connection.execute(sa.select(column).distinct().order_by(column)).scalars() if value]
