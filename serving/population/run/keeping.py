"""What is left in the database of residents that are kept: the worklist, predictions, reminders, and the counts."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from cdss.serving.platform.config import Settings
from cdss.serving.population.monitoring import predictions
from cdss.serving.population.monitoring.tally import Tally
from cdss.serving.population.outreach.remember import remember
from cdss.serving.population.scoring.assess import Assessed
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist import store

AT_ONCE = 1000


def keep(connection: sa.Connection, assessed: Assessed, tally: Tally, settings: Settings) -> None:
    """Keep a batch; a second row of one resident does not take the place of the first."""
    for chosen in _chunks(assessed):
        put(connection, chosen, settings)
    tally.write(connection)


def put(connection: sa.Connection, assessments: list[Assessment], settings: Settings) -> None:
    """Put residents on the worklist, remember what was predicted of them, and make reminders of what is due."""
    store.keep(connection, assessments)
    if assessments:
        predictions.keep(connection, assessments, assessments[0].day, settings.prediction_days)
    remember(connection, assessments, datetime.now(UTC), settings)


def _chunks(assessed: Assessed) -> Iterator[list[Assessment]]:
    rows = [row for row in range(len(assessed)) if not assessed.repeated[row]]
    for start in range(0, len(rows), AT_ONCE):
        yield [assessed.assessment(row) for row in rows[start : start + AT_ONCE]]
