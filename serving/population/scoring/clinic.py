"""The family doctor's desk: models and knowledge loaded once, residents given as plain rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from cdss.rules.pack import Pack
from cdss.serving.emr.desk import today
from cdss.serving.population.intake.cells import cleaned
from cdss.serving.population.intake.headers import sources_of
from cdss.serving.population.monitoring.tally import Tally
from cdss.serving.population.scoring.assess import assess
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.scoring.risks import Risks


@dataclass(frozen=True, slots=True)
class Clinic:
    """What is needed to assess a resident. `tally`, if there is one, counts what the models are asked and say."""

    risks: Risks
    pack: Pack
    clock: Callable[[], date] = today
    tally: Tally | None = None

    def assess(self, residents: Sequence[Mapping[str, Any]], counted: bool = True) -> list[Assessment]:
        """Residents as rows of the resident table, units in headers allowed. TableError for a bad header.

        `counted`: False for what nobody is, such as a resident with other values.
        """
        headers = list(dict.fromkeys(name for resident in residents for name in resident))
        raw = pl.DataFrame(
            {name: [_cell(resident.get(name)) for resident in residents] for name in headers},
            schema=dict.fromkeys(headers, pl.String),
        )
        tally = self.tally if counted else None
        return list(assess(cleaned(raw, sources_of(headers)), self.risks.fresh(), self.pack, self.clock(), tally))


def _cell(value: Any) -> str | None:
    """A JSON value as the text a cell would hold."""
    return None if value is None else str(value)
