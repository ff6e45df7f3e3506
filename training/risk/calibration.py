"""From scores to probabilities: one straight line on the logit scale, and one intercept for a group that needs it."""

import numpy as np

from cdss.evaluation.metrics import logistic
from cdss.evaluation.tables import Columns, Tables, Term
from cdss.training.risk.learners import Events


def calibrated(tables: Tables, columns: Columns, event: Events) -> Tables:
    """Intercept and slope by logistic regression on people the learners have not seen (Platt 1999)."""
    intercept, slope = logistic(event, tables.logit(columns))
    return tables.scaled(float(intercept), float(slope))


def with_group(tables: Tables, columns: Columns, event: Events, group: str) -> Tables:
    """A term for a yes/no `group`: what its members' logit lacks on average, in the units of the uncalibrated score.

    People whose group is not known are left out of this fit; their term's missing value is set elsewhere.
    """
    known = ~np.isnan(columns[group])
    score = tables.logit({name: column[known] for name, column in columns.items()})
    _, slope, shift = logistic(event[known], score, columns[group][known])
    term = Term(np.array([0.5], np.float32), np.array([0.0, shift / slope]))
    return Tables(tables.intercept, {**tables.terms, group: term})
