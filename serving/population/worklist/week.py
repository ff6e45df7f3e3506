"""What fits into a doctor's week: the urgent, then the most urgent of the others while there is room.

Whoever cannot wait is always in; that they do not all fit is said aloud. What fits changes no tier.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any, Literal

import sqlalchemy as sa

from cdss.serving.population.worklist.listing import Listing, Query, R, counts, overdue, total, wanted
from cdss.serving.population.worklist.store import several

Reason = Literal["emergency", "overdue", "due", "urgent"]


@dataclass(frozen=True, slots=True)
class Week:
    """What fits into a week. `left_out`: by doctor, how many urgent residents do not fit; they are listed all the same.

    `places` and `reasons` say of each resident of the page which one of the doctor's week it is, and why.
    """

    capacity: int
    left_out: dict[str, int]
    places: dict[str, int]
    reasons: dict[str, Reason]


def week(
    connection: sa.Connection, query: Query, today: date, capacity: int, limit: int, offset: int = 0
) -> tuple[Listing, Week]:
    """Those of the residents asked for who are in their doctor's week: `capacity` each, and whoever cannot wait."""
    rows = list(_chosen(connection, query, today, capacity))
    asked = [(row, place) for row, place in rows if row.wanted]
    shown = [(row, place) for row, place in asked if query.tier in ("", row.tier)]
    part = shown[offset : offset + limit]
    told = Week(
        capacity,
        Counter(row.doctor for row, place in rows if row.urgent and place > capacity),
        {row.id: place for row, place in part},
        {row.id: _reason(row, today) for row, _ in part},
    )
    by_tier = counts(Counter(row.tier for row, _ in asked))
    return Listing(several(connection, [row.id for row, _ in part]), total(by_tier, query), by_tier), told


def _chosen(connection: sa.Connection, query: Query, today: date, capacity: int) -> Iterator[tuple[sa.Row[Any], int]]:
    """Who is in the doctors' weeks, and the place there, whatever else is asked for: a filter shows a part of it.

    The urgent first; then, doctor by doctor, the most urgent of the others while there is room.
    """
    urgent = sa.or_(R.emergency, overdue(today))
    asked = sa.and_(sa.true(), *wanted(query, today)).label("wanted")
    something = sa.or_(R.open_items > 0, R.tier == "unknown")  # to be done, or to be cleared up
    about = [something, *([R.doctor == query.doctor] if query.doctor else [])]
    told = sa.select(R.id, R.doctor, R.tier, R.emergency, R.overdue_from, R.due, urgent.label("urgent"), asked)
    places: Counter[str] = Counter()
    for row in connection.execute(told.where(*about, urgent).order_by(*_pressing(today))):
        places[row.doctor] += 1
        yield row, places[row.doctor]
    doctors = sa.select(R.doctor, sa.func.count()).where(*about, sa.not_(urgent)).group_by(R.doctor)
    room = sum(min(count, max(capacity - places[doctor], 0)) for doctor, count in connection.execute(doctors))
    others = connection.execute(told.where(*about, sa.not_(urgent)).order_by(R.urgency.desc(), R.id))
    yield from islice(_fitting(others, places, capacity), room)
    others.close()


def _fitting(others: Iterable[sa.Row[Any]], places: Counter[str], capacity: int) -> Iterator[tuple[sa.Row[Any], int]]:
    for row in others:
        if places[row.doctor] < capacity:
            places[row.doctor] += 1
            yield row, places[row.doctor]


def _pressing(today: date) -> list[sa.ColumnElement[Any]]:
    """The order of a week: emergencies, what is overdue, then the most urgent."""
    late = sa.case((overdue(today), 1), else_=0)
    return [sa.case((R.emergency, 1), else_=0).desc(), late.desc(), R.urgency.desc(), R.id]


def _reason(row: sa.Row[Any], today: date) -> Reason:
    if row.emergency:
        return "emergency"
    if row.overdue_from and row.overdue_from <= today.isoformat():
        return "overdue"
    soon = (today + timedelta(days=7)).isoformat()
    return "due" if row.due and row.due <= soon else "urgent"
