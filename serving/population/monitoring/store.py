"""Counts in the database: added, summed over days, and the days that are this site's own baseline."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdss.serving.platform.audit import now
from cdss.serving.population.monitoring.limits import limits
from cdss.serving.population.monitoring.tables import baseline, counted

Bins = dict[tuple[str, str], dict[int, int]]  # (kind, name) -> bin -> people
Span = tuple[str, str]  # first and last day, both included


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that can say what to do when the row is there already."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def add(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Add counts to what is there. Rows in one order everywhere, so that two writers never wait for each other."""
    if not rows:
        return
    keys = [column.name for column in counted.primary_key]
    statement = insert(connection, counted)
    together = {"people": counted.c.people + statement.excluded.people}
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=together), ordered)


def plain(version: str) -> str:
    """A version without its site layer: what is seen and said before the layer does not depend on it."""
    return version.partition("+")[0]


def answers(connection: sa.Connection, since: str = "", model: str = "") -> list[Any]:
    """(model, version, kind, name, people), answered and unanswered, from a day on; `model` empty: of all."""
    c = counted.c
    total = sa.func.sum(c.people).label("people")
    which = [c.kind.in_(("answered", "unanswered")), c.day >= since, *([c.model == model] if model else [])]
    query = sa.select(c.model, c.version, c.kind, c.name, total).where(*which)
    groups = (c.model, c.version, c.kind, c.name)
    return list(connection.execute(query.group_by(*groups).order_by(*groups)))


def bins(connection: sa.Connection, model: str, version: str, span: Span, without: Span | None = None) -> Bins:
    """Inputs and scores of a model in a span of days, with any layer of this version; `without`: days left out."""
    c = counted.c
    query = sa.select(c.kind, c.name, c.bin, sa.func.sum(c.people).label("people")).where(
        c.model == model, c.kind.in_(("input", "score")), c.day.between(*span), _of(version)
    )
    if without:
        query = query.where(sa.not_(c.day.between(*without)))
    found: Bins = defaultdict(dict)
    for row in connection.execute(query.group_by(c.kind, c.name, c.bin)):
        found[row.kind, row.name][row.bin] = int(row.people)
    return found


def _of(version: str) -> Any:
    return sa.or_(counted.c.version == version, counted.c.version.startswith(version + "+", autoescape=True))


def baseline_of(connection: sa.Connection, model: str, version: str, today: date) -> Span | None:
    """This site's own normal: the days that were set, else the first whole days that hold people enough, else None."""
    b = baseline.c
    row = connection.execute(sa.select(b.first_day, b.last_day).where(b.model == model, b.version == version)).first()
    return (row.first_day, row.last_day) if row else _first_days(connection, model, version, today)


def _first_days(connection: sa.Connection, model: str, version: str, today: date) -> Span | None:
    c = counted.c
    query = sa.select(c.day, sa.func.sum(c.people).label("people")).where(
        c.model == model, c.kind == "answered", c.day < today.isoformat(), _of(version)
    )
    people, first = 0, ""
    for row in connection.execute(query.group_by(c.day).order_by(c.day)):
        first, people = first or row.day, people + int(row.people)
        if people >= limits().baseline_people:
            return first, row.day
    return None


def set_baseline(connection: sa.Connection, span: Span) -> Mapping[tuple[str, str], int]:
    """Make these days the baseline of every model that answered in them; how many people by model and version."""
    c = counted.c
    query = sa.select(c.model, c.version, sa.func.sum(c.people).label("people")).where(
        c.kind == "answered", c.day.between(*span)
    )
    people: dict[tuple[str, str], int] = defaultdict(int)
    for row in connection.execute(query.group_by(c.model, c.version)):
        people[row.model, plain(row.version)] += int(row.people)
    statement = insert(connection, baseline)
    set_ = {name: statement.excluded[name] for name in ("first_day", "last_day", "at")}
    for model, version in people:
        new = {"model": model, "version": version, "first_day": span[0], "last_day": span[1], "at": now()}
        connection.execute(statement.on_conflict_do_update(index_elements=["model", "version"], set_=set_), new)
    return people


def window(today: date, days: int) -> Span:
    """The last `days` days, today included."""
    return (today - timedelta(days=days - 1)).isoformat(), today.isoformat()
