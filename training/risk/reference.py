"""What the people of a model looked like, so that a site can tell when its own have drifted away from them.

`reference.json`: {"n": people, "features": {name: {"edges", "share", "missing"}}, "scores": {tier: {"edges", "share"}}}

`edges`: the inner deciles, equal ones once; 0.5 for yes/no; in the units of `models/resident.py`.
`share`: one number more than there are edges, the part of those with a known value in each interval; a value on an edge
belongs to the interval below it. `missing`: the part of all people without a value. Scores are calibrated
probabilities, of those for whom the tier can be used.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cdss.evaluation.tables import Columns, Numbers

REFERENCE = "reference.json"
DECILES = np.linspace(0.1, 0.9, 9)
DIGITS = 6


def reference(columns: Columns, scores: Mapping[str, Numbers]) -> dict[str, Any]:
    """`columns` (n,) by feature, nan where missing; `scores` by tier, of those for whom the tier can be used."""
    return {
        "n": len(next(iter(columns.values()))),
        "features": {name: _feature(column) for name, column in columns.items()},
        "scores": {tier: _shares(score) for tier, score in scores.items()},
    }


def _feature(column: Numbers) -> dict[str, Any]:
    known = column[~np.isnan(column)]
    return _shares(known) | {"missing": round(1 - len(known) / len(column), DIGITS)}


def _shares(known: Numbers) -> dict[str, Any]:
    yes_no = bool(np.isin(known, (0, 1)).all())
    edges = np.array([0.5]) if yes_no else np.unique(np.round(np.quantile(known, DECILES), DIGITS))
    people = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return {"edges": edges.tolist(), "share": np.round(people / len(known), DIGITS).tolist()}
