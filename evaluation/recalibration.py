"""A model moved to a new site by a few hundred people whose outcome is known there: only the intercept is fitted."""

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.metrics import observed_expected
from cdss.evaluation.ranked import Events, Numbers
from cdss.evaluation.report import Metric

LOCAL = 500  # people
SPREAD = 0.3  # standard deviation of sites' intercepts, as a prior: a few events must not move a model far
DRAWS = 200


def shift(event: Events, logit: Numbers) -> float:
    """What to add to the logit so that these people's events are explained best, drawn towards 0 by SPREAD."""
    found = 0.0
    for _ in range(50):
        risk = 1 / (1 + np.exp(-(logit + found)))
        step = ((event - risk).sum() - found / SPREAD**2) / ((risk * (1 - risk)).sum() + 1 / SPREAD**2)
        found += float(step)
        if abs(step) < 1e-9:
            break
    return found


def by_chance(event: Events, logit: Numbers, seed: int = 20261121) -> Metric:
    """O/E among the others after LOCAL people drawn by chance were used; mean and 95 % of DRAWS draws."""
    generator = np.random.default_rng(seed)
    draws = [_after(event, logit, generator.permutation(len(event))[:LOCAL]) for _ in range(DRAWS)]
    low, high = np.quantile(draws, (0.025, 0.975))
    return Metric(float(np.mean(draws)), (float(low), float(high)))


def by_risk(event: Events, logit: Numbers) -> Metric:
    """O/E among the others after the LOCAL people of highest risk were used: those a clinic tests first."""
    return Metric(_after(event, logit, np.argsort(-logit, kind="stable")[:LOCAL]))


def _after(event: Events, logit: Numbers, chosen: NDArray[np.intp]) -> float:
    others = np.ones(len(event), bool)
    others[chosen] = False
    moved = logit[others] + shift(event[chosen], logit[chosen])
    return observed_expected(event[others], 1 / (1 + np.exp(-moved)))
