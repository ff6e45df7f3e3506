"""Predictions of residents on the worklist, kept so that outcomes can be compared with them; no more than that.

One row a resident, model and day: version, tier, probability. They are deleted after CDSS_PREDICTION_DAYS, and with the
resident.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from cdss.serving.population.monitoring.store import insert
from cdss.serving.population.monitoring.tables import observed, prediction
from cdss.serving.population.scoring.assessment import Assessment

AT_ONCE = 5000
CHANGED = ("version", "tier", "probability")


def keep(connection: sa.Connection, assessments: Iterable[Assessment], today: date, days: int) -> None:
    """Keep the probabilities of these residents and delete what is older than `days`; with 0 nothing is kept."""
    if days:
        put(connection, [row for assessment in assessments for row in rows(assessment)])
    connection.execute(sa.delete(prediction).where(prediction.c.day < (today - timedelta(days=days)).isoformat()))


def put(connection: sa.Connection, found: list[dict[str, Any]]) -> None:
    """Rows of `tables.prediction`; a second prediction of the same day replaces the first."""
    statement = insert(connection, prediction)
    changed = {name: statement.excluded[name] for name in CHANGED}
    keys = [column.name for column in prediction.primary_key]
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), part)


def rows(assessment: Assessment) -> list[dict[str, Any]]:
    """What an assessment predicts: one row a model that gave a probability and says which of its tiers did."""
    return [
        {
            "resident": assessment.id,
            "model": said.model,
            "day": assessment.day.isoformat(),
            "version": said.version,
            "tier": said.basis,
            "probability": said.probability,
        }
        for said in assessment.models
        if said.probability is not None and said.basis
    ]


def forget(connection: sa.Connection, resident: str) -> None:
    """Delete what is kept of one resident, outcomes too."""
    for table in (prediction, observed):
        connection.execute(sa.delete(table).where(table.c.resident == resident))
