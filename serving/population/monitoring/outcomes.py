"""Outcomes that come back: each compared with a prediction made for that resident before it.

A model that says what is so now (`least_days` 0) is compared with its latest prediction. One that looks ahead is
compared with its earliest prediction that the horizon still reaches, so that years without the event count as well as
an early event; a prediction is looked at only once it is `least_days` old, else early events would stand alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from cdss.serving.population.monitoring.limits import Horizon, limits
from cdss.serving.population.monitoring.store import insert
from cdss.serving.population.monitoring.tables import observed, prediction

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a resident: whether the event was there on a day. `model` empty: of every model of the event."""

    resident: str
    day: date
    event: bool
    model: str = ""


def join(connection: sa.Connection, outcomes: Iterable[Outcome], event: str) -> Counter[str]:
    """Store what can be compared. Counts: "compared", and why the others were not ("no-prediction")."""
    counts: Counter[str] = Counter()
    every = [one for outcome in outcomes for one in _by_model(outcome, event)]
    for start in range(0, len(every), AT_ONCE):
        part = every[start : start + AT_ONCE]
        made = _predictions(connection, {outcome.resident for outcome in part})
        found = [row for outcome in part if (row := _row(outcome, made.get((outcome.resident, outcome.model), [])))]
        counts["compared"] += len(found)
        counts["no-prediction"] += len(part) - len(found)
        _store(connection, found)
    return counts


def models_of(event: str) -> list[str]:
    """The models that speak of an event."""
    return [name for name, horizon in limits().horizons.items() if horizon.event == event]


def _by_model(outcome: Outcome, event: str) -> Iterator[Outcome]:
    names = [outcome.model] if outcome.model else models_of(event)
    return (Outcome(outcome.resident, outcome.day, outcome.event, name) for name in names)


def _predictions(connection: sa.Connection, residents: set[str]) -> dict[tuple[str, str], list[Any]]:
    """By resident and model, oldest first."""
    query = sa.select(prediction).where(prediction.c.resident.in_(sorted(residents))).order_by(prediction.c.day)
    made: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(query):
        made.setdefault((row.resident, row.model), []).append(row)
    return made


def _row(outcome: Outcome, made: list[Any]) -> dict[str, Any] | None:
    """The comparison; None if no prediction is old enough or young enough."""
    horizon = limits().horizons[outcome.model]
    reached = [row for row in made if _reaches(horizon, date.fromisoformat(row.day), outcome)]
    if not reached:
        return None
    row = reached[0] if horizon.least_days else reached[-1]
    return {
        "resident": outcome.resident, "model": outcome.model, "predicted_on": row.day, "day": outcome.day.isoformat(),
        "event": int(outcome.event), "version": row.version, "tier": row.tier, "probability": row.probability,
    }  # fmt: skip


def _reaches(horizon: Horizon, predicted: date, outcome: Outcome) -> bool:
    least = 0 if outcome.event else horizon.least_days
    return least <= (outcome.day - predicted).days <= horizon.most_days


def _store(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """An event stays an event; of two answers without it the later one stays."""
    if not rows:
        return
    statement = insert(connection, observed)
    keys = [column.name for column in observed.primary_key]
    new = statement.excluded
    changed = {name: new[name] for name in ("day", "event", "version", "tier", "probability")}
    later = sa.and_(new.event == observed.c.event, new.day > observed.c.day)
    newer = sa.or_(new.event > observed.c.event, later)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), rows)


def ripe(connection: sa.Connection, model: str) -> list[Any]:
    """The comparisons of a model that may be looked at: predictions old enough at the last outcome known."""
    last = connection.scalar(sa.select(sa.func.max(observed.c.day)).where(observed.c.model == model))
    if last is None:
        return []
    horizon = limits().horizons.get(model)
    oldest = date.fromisoformat(last) - timedelta(days=horizon.least_days if horizon else 0)
    query = sa.select(observed).where(observed.c.model == model, observed.c.predicted_on <= oldest.isoformat())
    return list(connection.execute(query.order_by(observed.c.predicted_on)))
