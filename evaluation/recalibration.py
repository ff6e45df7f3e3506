"""A model moved to a new site by a few hundred people of it: their glucose, their outcomes, or both.

Centres differ in the level of their glucose assays; the mean of a few hundred people shows by how much, without any
outcome. What is left is an intercept, drawn towards nought because a few hundred people have few events.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation.metrics import observed_expected
from cdss.evaluation.ranked import Events, Numbers
from cdss.evaluation.report import Metric

LOCAL = 500  # people
SPREAD = 0.3  # standard deviation of the intercepts of sites, as the prior
DRAWS = 50
ASSAY = "fpg_mmol"

Predict = Callable[[Mapping[str, Numbers]], Numbers]  # columns (n,) -> logit (n,)


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


def aligned(columns: Mapping[str, Numbers], local: NDArray[np.intp], mean: float) -> dict[str, Numbers]:
    """The columns with the assay moved so that the local people's mean is `mean`, that of the training people."""
    return {**columns, ASSAY: columns[ASSAY] + (mean - np.nanmean(columns[ASSAY][local]))}


def recalibrated(event: Events, columns: Mapping[str, Numbers], predict: Predict, mean: float) -> dict[str, Metric]:
    """O/E among the others of a site after LOCAL of its people were used; mean and 95 % of DRAWS draws of them."""
    generator = np.random.default_rng(20261121)
    plain = predict(columns)
    glucoses: list[float] = []
    outcomes: list[float] = []
    both: list[float] = []
    for _ in range(DRAWS):
        local = generator.permutation(len(event))[:LOCAL]
        moved = predict(aligned(columns, local, mean))
        glucoses.append(_among_others(event, moved, local))
        outcomes.append(_among_others(event, plain + shift(event[local], plain[local]), local))
        both.append(_among_others(event, moved + shift(event[local], moved[local]), local))
    return {
        "o_e_after_500_glucoses": _summary(glucoses),
        "o_e_after_500_outcomes": _summary(outcomes),
        "o_e_after_500_both": _summary(both),
    }


def _among_others(event: Events, logit: Numbers, local: NDArray[np.intp]) -> float:
    others = np.ones(len(event), bool)
    others[local] = False
    return observed_expected(event[others], 1 / (1 + np.exp(-logit[others])))


def _summary(values: list[float]) -> Metric:
    low, high = np.quantile(values, (0.025, 0.975))
    return Metric(float(np.mean(values)), (float(low), float(high)))
