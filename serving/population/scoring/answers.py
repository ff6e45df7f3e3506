"""One model's answers for many residents, in the same form for every model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.rules.alert import Text
from cdss.serving.population.scoring.assessment import NOTHING, ModelSaid, Tier, Why

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Columns = Mapping[str, Numbers]

TIERS: tuple[Tier, ...] = ("unknown", "low", "medium", "high")
UNKNOWN, LOW, MEDIUM, HIGH = range(4)
MOST_REASONS = 5
OF_THE_SITE = {"asian"}  # the same for every resident of a site: part of the model, not a reason

KNOWN_DIABETES = Text("已知糖尿病，不需筛查", "diabetes is known, no screening")
AGE_OUTSIDE = Text("年龄超出适用范围", "age is outside the range the score was made for")
OUTSIDE = Text("有数值超出公式适用范围", "a value is outside what the equation was made for")
IMPLAUSIBLE = Text("有不可能的数值", "a value is implausible")
TOO_LITTLE = Text("已知资料太少", "too little is known")


@dataclass(frozen=True, slots=True)
class Answers:
    """`value` (n,) is a probability, or points if `points`; nan where the model has no answer, and then
    `problems[problem]` says why: never a silent number.

    `tier` (n,) counts in TIERS, `basis` (n,) in `bases`: how much was known. `missing` (n,) by measurement: who lacked
    it. `contributions` (n, terms) on the logit scale, `values` (n,) by term, for models with reasons.
    """

    model: str
    version: str
    value: Numbers
    tier: NDArray[np.int8]
    flagged: Mask
    problem: NDArray[np.int64]
    problems: tuple[Text, ...] = (NOTHING,)
    points: bool = False
    bases: tuple[str, ...] = ("",)
    basis: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    missing: Mapping[str, Mask] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    contributions: NDArray[np.float32] | None = None
    values: Mapping[str, Numbers] = field(default_factory=dict)
    note: Text = NOTHING  # what is to be known of every answer

    @property
    def answered(self) -> Mask:
        """(n,) who has an answer."""
        known: Mask = self.tier != UNKNOWN
        return known

    def said(self, row: int) -> ModelSaid:
        """The answer for one resident."""
        told: dict[str, Any] = {"model": self.model, "version": self.version, "tier": TIERS[self.tier[row]]}
        told["note"] = self.note
        told["missing"] = tuple(name for name, where in self.missing.items() if where[row])
        if not self.answered[row]:
            return ModelSaid(**told, why_not=self.problems[self.problem[row]])
        told["points" if self.points else "probability"] = float(self.value[row])
        basis = self.bases[self.basis[row]] if len(self.basis) else ""
        return ModelSaid(**told, flagged=bool(self.flagged[row]), basis=basis, reasons=self._reasons(row))

    def largest(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """(rows, MOST_REASONS) the terms that add or take most, whichever way they pull; -1 where nothing is left."""
        if self.contributions is None:
            return np.full((len(rows), 0), -1)
        size = np.abs(self.contributions[rows])
        size[:, [place for place, term in enumerate(self.terms) if term in OF_THE_SITE]] = 0
        order = np.argsort(-size, axis=1, kind="stable")[:, :MOST_REASONS]
        return np.where(np.take_along_axis(size, order, axis=1) > 0, order, -1)

    def _reasons(self, row: int) -> tuple[Why, ...]:
        if self.contributions is None:
            return ()
        added = self.contributions[row]
        chosen = [(self.terms[place], float(added[place])) for place in self.largest(np.array([row]))[0] if place >= 0]
        return tuple(Why(term, _told(self.values[term][row]), size) for term, size in chosen)


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
