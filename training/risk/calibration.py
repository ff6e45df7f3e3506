"""From scores to probabilities: one straight line on the logit scale, and one intercept for a group that needs it.

Both are fitted on the logits of people by models that were made without their cycle or site: a model is too sure of
those it has seen, and one cycle alone is as odd as its laboratory (see the README).
"""

import numpy as np

from cdss.evaluation.metrics import logistic
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.tables import Numbers, Tables, Term
from cdss.training.risk.learners import Events


def calibrated(tables: Tables, left_out: Numbers, event: Events) -> Tables:
    """Intercept and slope by logistic regression on the left-out logits (n,) (Platt 1999)."""
    intercept, slope = logistic(event, left_out)
    return tables.scaled(float(intercept), float(slope))


def calibrated_spline(fitted: SplineLogistic, left_out: Numbers, event: Events) -> SplineLogistic:
    """The same for the baseline."""
    intercept, slope = logistic(event, left_out)
    return fitted.scaled(float(intercept), float(slope))


def group_term(left_out: Numbers, event: Events, member: Numbers) -> Term:
    """What the members' logit lacks on average, in the units of the uncalibrated score; `member` (n,) is 0, 1 or nan.

    People of whom it is not known are left out of this fit; the value for missing is set elsewhere.
    """
    known = ~np.isnan(member)
    _, slope, shift = logistic(event[known], left_out[known], member[known])
    return Term(np.array([0.5], np.float32), np.array([0.0, shift / slope]))
