"""The score as tables, in double precision: one a term, cut into cells, with a value for each cell and one for missing.

A value `x` lies in the cell after all edges that are below it (`x <= edge` is left of the edge). Edges are float32 and
lie between neighbouring values of the training data, so that single and double precision fall into the same cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.additive import RATIOS

Numbers = NDArray[np.float64]
Columns = Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Term:
    """`edges` (k,) float32 ascending, `values` (k + 1,) and `missing` on the logit scale."""

    edges: NDArray[np.float32]
    values: Numbers
    missing: float = 0.0

    def __call__(self, column: Numbers) -> Numbers:
        """Contributions (n,) of a column (n,), nan is missing."""
        return np.where(np.isnan(column), self.missing, self.values[cells(column, self.edges)])


@dataclass(frozen=True, slots=True)
class Tables:
    """logit = intercept + the sum of the terms."""

    intercept: float
    terms: Mapping[str, Term]

    def contributions(self, columns: Columns) -> Numbers:
        """(n, term), in the order of `terms`."""
        return np.column_stack([term(values_of(name, columns)) for name, term in self.terms.items()])

    def logit(self, columns: Columns) -> Numbers:
        """(n,)"""
        total: Numbers = self.intercept + self.contributions(columns).sum(axis=1)
        return total

    def scaled(self, intercept: float, slope: float) -> "Tables":
        """intercept + slope * logit, still a sum of terms."""
        terms = {name: Term(term.edges, slope * term.values, slope * term.missing) for name, term in self.terms.items()}
        return Tables(intercept + slope * self.intercept, terms)


def values_of(term: str, columns: Columns) -> Numbers:
    """The column a term looks at; ratios are divided in single precision, as the graph does."""
    if term not in RATIOS:
        return columns[term]
    above, below = (columns[name].astype(np.float32) for name in RATIOS[term])
    return (above / below).astype(np.float64)


def cells(column: Numbers, edges: NDArray[np.float32]) -> NDArray[np.intp]:
    """Which cell each value lies in; for nan the last one, which callers mask."""
    return np.searchsorted(edges, column.astype(np.float32), side="left")


def to_plain(tables: Tables) -> dict[str, Any]:
    """For JSON: cells of equal value merged, 6 decimals."""
    return {
        "intercept": round(tables.intercept, 6),
        "terms": {name: _plain(term) for name, term in tables.terms.items()},
    }


def from_plain(plain: Mapping[str, Any]) -> Tables:
    """What `to_plain` wrote."""
    terms = {
        name: Term(np.array(term["edges"], np.float32), np.array(term["values"]), term["missing"])
        for name, term in plain["terms"].items()
    }
    return Tables(plain["intercept"], terms)


def merged(term: Term) -> Term:
    """The term without edges between cells of equal value."""
    turns = np.flatnonzero(np.diff(term.values) != 0)
    return Term(term.edges[turns], term.values[np.append(turns, len(term.values) - 1)], term.missing)


def _plain(term: Term) -> dict[str, Any]:
    short = merged(Term(term.edges, np.round(term.values, 6), round(term.missing, 6)))
    edges = [float(str(edge)) for edge in short.edges]  # the shortest decimal that is this float32
    return {"edges": edges, "values": short.values.tolist(), "missing": short.missing}
