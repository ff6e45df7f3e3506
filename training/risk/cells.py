"""Making the tables: where the cells' edges go, what the average person and a missing value get."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.tables import Columns, Numbers, Tables, Term, values_of

MOST_CELLS = 100
TAILS = (0.002, 0.005, 0.01, 0.02, 0.98, 0.99, 0.995, 0.998)


def edges_of(column: Numbers) -> NDArray[np.float32]:
    """Edges between neighbouring values: all of them, or at quantiles and closer together in the tails."""
    known = column[~np.isnan(column)].astype(np.float32)
    distinct = np.unique(known)
    if len(distinct) > MOST_CELLS:
        quantiles = np.union1d(np.linspace(0, 1, MOST_CELLS - len(TAILS))[1:-1], TAILS)
        cuts = np.unique(np.searchsorted(distinct, np.quantile(known, quantiles, method="lower")))
        cuts = cuts[cuts < len(distinct) - 1]
    else:
        cuts = np.arange(len(distinct) - 1)
    middle: NDArray[np.float32] = ((distinct[cuts].astype(np.float64) + distinct[cuts + 1]) / 2).astype(np.float32)
    return middle


def centred(tables: Tables, columns: Columns) -> Tables:
    """The same score with every term's mean over these people zero, so that the intercept is the average person."""
    terms, intercept = {}, tables.intercept
    for name, term in tables.terms.items():
        column = values_of(name, columns)
        mean = float(term(column)[~np.isnan(column)].mean())
        terms[name] = Term(term.edges, term.values - mean, term.missing - mean)
        intercept += mean
    return Tables(intercept, terms)


def with_missing(tables: Tables, columns: Columns) -> Tables:
    """Each term's value for missing: the one that leaves the mean predicted risk of these people as it is.

    Not learned from who was missing in a survey: that says how the survey was made, not how the person is.
    """
    logit = tables.logit(columns)
    terms = {}
    for name, term in tables.terms.items():
        known = ~np.isnan(values_of(name, columns))
        rest = logit[known] - term(values_of(name, columns))[known]
        terms[name] = replace(term, missing=_level(rest, _risk(logit[known]).mean()))
    return Tables(tables.intercept, terms)


def _risk(logit: Numbers) -> Numbers:
    risk: Numbers = 1 / (1 + np.exp(-logit))
    return risk


def _level(rest: Numbers, mean: float) -> float:
    """The constant that, added to `rest`, gives this mean risk; by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _risk(rest + middle).mean() < mean else (low, middle)
    return (low + high) / 2
