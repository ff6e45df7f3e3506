"""What a run leaves on the worklist."""

from collections.abc import Iterator

import sqlalchemy as sa

from cdss.serving.population.scoring.assess import Assessed
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist import store

AT_ONCE = 1000


def keep(connection: sa.Connection, assessed: Assessed) -> None:
    """Put a batch on the worklist; a second row of one resident does not take the place of the first."""
    for chosen in _chunks(assessed):
        store.keep(connection, chosen)


def _chunks(assessed: Assessed) -> Iterator[list[Assessment]]:
    rows = [row for row in range(len(assessed)) if not assessed.repeated[row]]
    for start in range(0, len(rows), AT_ONCE):
        yield [assessed.assessment(row) for row in rows[start : start + AT_ONCE]]
