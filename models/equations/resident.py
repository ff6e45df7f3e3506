"""What the equations ask of a resident: a plausible number or an error, never a guess."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text
from cdss.models.plausible import check, outside
from cdss.models.resident import RESIDENT

Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]


def known(
    resident: Mapping[str, float | None], needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, float]:
    """The plausible values among `needed` and `optional`. NotApplicable names what is needed and missing."""
    given = {name: value for name in (*needed, *optional) if (value := resident.get(name)) is not None}
    missing = [name for name in needed if name not in given]
    if missing:
        raise NotApplicable("missing", Text(zh=f"缺少：{'、'.join(missing)}", en=f"missing: {', '.join(missing)}"))
    return {name: check(name, float(value), RESIDENT[name]) for name, value in given.items()}


def known_table(
    values: Mapping[str, Numbers], needed: Sequence[str], optional: Sequence[str] = ()
) -> tuple[dict[str, Numbers], Rows]:
    """As `known` for columns (n,): the columns, and for whom (n,) `known` would not raise.

    A column that is not there is nan throughout. `needed` has at least one column that is.
    """
    count = len(next(values[name] for name in needed if name in values))
    given = {name: np.asarray(values.get(name, np.full(count, np.nan)), float) for name in (*needed, *optional)}
    usable = np.ones(count, bool)
    for name, column in given.items():
        usable &= ~outside(column, RESIDENT[name])
    for name in needed:
        usable &= ~np.isnan(given[name])
    return given, usable


def inside(value: Numbers, low: float, high: float) -> Rows:
    """(n,) whom `within` would let pass; a missing value is nothing to stop at."""
    passed: Rows = np.isnan(value) | ((value >= low) & (value <= high))
    return passed


def within(name: str, value: float, low: float, high: float) -> None:
    """NotApplicable if a plausible value is outside what the equation was made for (bounds inclusive)."""
    if not low <= value <= high:
        unit = RESIDENT[name].unit
        raise NotApplicable(
            "outside-domain",
            Text(
                zh=f"{name} {value:g} 超出公式适用范围 {low:g}-{high:g} {unit}",
                en=f"{name} {value:g} is outside the {low:g} to {high:g} {unit} the equation was made for",
            ),
        )


def columns(values: Mapping[str, float]) -> dict[str, Numbers]:
    """One resident as columns of length 1."""
    return {name: np.array([value]) for name, value in values.items()}
