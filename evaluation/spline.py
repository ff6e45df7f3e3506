"""A logistic regression on restricted cubic splines: the fair baseline of a risk model, as plain numbers in JSON.

Linear beyond the outer knots (Stone and Koo 1985; Harrell, Regression Modeling Strategies, 2.4.5). A missing value is
the training median: an indicator for a value that is almost never missing learns the survey, not the person.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Curve(msgspec.Struct, frozen=True):
    """One feature's part of the logit. No knots: a straight line. `log`: of the natural logarithm of the feature."""

    feature: str
    median: float
    log: bool
    knots: list[float]
    weights: list[float]  # one a column of `basis`

    def __call__(self, value: Numbers) -> Numbers:
        """The part of the logit for values (n,)."""
        part: Numbers = self.basis(value) @ np.array(self.weights)
        return part

    def basis(self, value: Numbers) -> Numbers:
        """(n, columns): the value itself and, with k knots, k - 2 bends."""
        filled = np.where(np.isnan(value), self.median, value)
        return basis(np.log(filled) if self.log else filled, self.knots)


class SplineLogistic(msgspec.Struct, frozen=True):
    """logit = intercept + the sum of the curves."""

    intercept: float
    curves: list[Curve]

    def logit(self, columns: Mapping[str, Numbers]) -> Numbers:
        """(n,) for columns (n,) by feature, nan where missing."""
        total: Numbers = self.intercept + np.sum([curve(columns[curve.feature]) for curve in self.curves], axis=0)
        return total

    def scaled(self, intercept: float, slope: float) -> "SplineLogistic":
        """intercept + slope * logit, still a sum of curves."""
        curves = [
            msgspec.structs.replace(curve, weights=[slope * weight for weight in curve.weights])
            for curve in self.curves
        ]
        return SplineLogistic(intercept + slope * self.intercept, curves)


def read(path: Path) -> dict[str, SplineLogistic]:
    """The baselines in a file, by tier."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, SplineLogistic])


def basis(x: Numbers, knots: Sequence[float]) -> Numbers:
    """(n, columns): the value itself and, with k knots, k - 2 bends; linear beyond the outer ones."""
    if not knots:
        return x[:, None]
    last, before = knots[-1], knots[-2]
    scale = (last - knots[0]) ** 2

    def cubed(knot: float) -> Numbers:
        return np.maximum(x - knot, 0.0) ** 3

    bends = [
        (cubed(knot) - (cubed(before) * (last - knot) - cubed(last) * (before - knot)) / (last - before)) / scale
        for knot in knots[:-2]
    ]
    return np.column_stack([x, *bends])
