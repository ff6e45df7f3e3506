"""The glass-box risk models asked of many residents."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from cdss.models.additive import RATIOS, Additive, RiskTable
from cdss.rules.alert import Text
from cdss.serving.population.calibration.in_force import Layered
from cdss.serving.population.scoring.answers import (
    HIGH,
    IMPLAUSIBLE,
    LOW,
    TOO_LITTLE,
    UNKNOWN,
    Answers,
    Columns,
    Mask,
    Numbers,
)  # fmt: skip
from cdss.serving.population.scoring.assessment import NOTHING

Watch = Callable[[str, str, RiskTable, Columns], None]  # model, version, its own answers, what it was asked with


def unwatched(_model: str, _version: str, _table: RiskTable, _columns: Columns) -> None:
    """Nothing is counted."""


def answers(model: Additive, layered: Layered, columns: Columns, watch: Watch = unwatched) -> Answers:
    """Probability, reasons and flag after the site's layer, by the threshold of the tier that answered.

    `watch` is told the model's own answers, before the layer.
    """
    own = model.assess_table(columns)
    watch(model.card.name, layered.version, own, columns)
    table = layered.applied(own, columns)
    flags = np.array([layered.flags[tier] for tier in table.tiers])
    known = table.problem == 0
    flagged = known & (table.probability >= flags[table.tier])
    values = {term: value_of(term, columns, len(known)) for term in table.terms}
    return Answers(
        model=model.card.name,
        version=layered.version,
        value=table.probability.astype(np.float64),
        tier=np.select([~known, flagged], [UNKNOWN, HIGH], LOW).astype(np.int8),
        flagged=flagged,
        problem=table.problem,
        problems=_problems(model, table),
        bases=table.tiers,
        basis=np.maximum(table.tier, 0),
        missing=_missing(model, table, values),
        terms=table.terms,
        contributions=table.contributions,
        values=values,
        note=layered.fault,
    )


def value_of(term: str, columns: Columns, count: int) -> Numbers:
    """(n,) the measurement a term looks at, nan where it is missing."""
    nothing: Numbers = np.full(count, np.nan)
    if term not in RATIOS:
        return columns.get(term, nothing)
    above, below = (columns.get(name, nothing) for name in RATIOS[term])
    return above / below


def _problems(model: Additive, table: RiskTable) -> tuple[Text, ...]:
    said = {bar.code: Text(bar.text.zh, bar.text.en) for bar in model.bars}
    said |= {"none": NOTHING, "implausible": IMPLAUSIBLE, "too-little-known": TOO_LITTLE}
    return tuple(said[code] for code in table.problems)


def _missing(model: Additive, table: RiskTable, values: Mapping[str, Numbers]) -> dict[str, Mask]:
    """Whom the answer had to do without a measurement; of who has none, what the poorest tier needs."""
    found: dict[str, Mask] = {}
    too_little = table.problem == table.problems.index("too-little-known")
    for term in table.terms:
        using = np.array([term in tier.terms for tier in model.tiers])
        absent = np.isnan(values[term]) & (using[table.tier] & (table.tier >= 0) | too_little & _needs(model, term))
        if absent.any():
            found[term] = absent
    return found


def _needs(model: Additive, term: str) -> NDArray[np.bool_]:
    return np.array(term in model.tiers[-1].needs)
