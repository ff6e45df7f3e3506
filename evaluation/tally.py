"""A score counted: how many events and how many others have each of its values. Ranking follows from the counts alone.

A bootstrap draw changes only the counts, so that a score is sorted once for a thousand draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flagged:
    """What becomes of the highest-scoring share of people; nan where there is nobody to count."""

    sensitivity: float  # share of the events that are flagged
    specificity: float  # share of the others that are not
    ppv: float  # share of the flagged that are events


@dataclass(frozen=True, slots=True)
class Tally:
    """Distinct values of the score from the highest, all (k,); counts may be of a weighted draw."""

    value: Numbers
    events: Numbers
    others: Numbers

    @property
    def people(self) -> Numbers:
        """(k,) events and others."""
        return self.events + self.others

    def auc(self) -> float:
        """Chance that an event scores above a non-event, ties counting half; nan without one of the two."""
        pairs = self.events.sum() * self.others.sum()
        below = self.others.sum() - np.cumsum(self.others)
        return float(self.events @ (below + self.others / 2) / pairs) if pairs else float("nan")

    def flagged(self, *shares: float) -> list[Flagged]:
        """For each of `shares`, those at the highest scores flagged; a tie at the edge is shared out."""
        people, events = _from_zero(self.people), _from_zero(self.events)
        return [_flagged(people, events, share) for share in shares]

    def roc(self) -> tuple[Numbers, Numbers]:
        """1 - specificity and sensitivity, (k + 1,), from nobody flagged to everybody; needs events and others."""
        return _from_zero(self.others) / self.others.sum(), _from_zero(self.events) / self.events.sum()


class Score:
    """One score of one group of people, sorted once."""

    def __init__(self, event: NDArray[np.integer], score: Numbers) -> None:
        lowest, place = np.unique(-score, return_inverse=True)
        self._order = np.argsort(place, kind="stable")
        self._place = place[self._order]
        self._event = event[self._order].astype(np.float64)
        self.value: Numbers = -lowest

    def tally(self, weights: Numbers | None = None) -> Tally:
        """Everybody once, or each person as often as `weights` (n,) says."""
        each = np.ones(len(self._order)) if weights is None else weights[self._order]
        events: Numbers = np.bincount(self._place, each * self._event, len(self.value)).astype(np.float64)
        people: Numbers = np.bincount(self._place, each, len(self.value)).astype(np.float64)
        return Tally(self.value, events, people - events)


def _from_zero(counts: Numbers) -> Numbers:
    return np.concatenate([[0.0], np.cumsum(counts)])


def _flagged(people: Numbers, events: Numbers, share: float) -> Flagged:
    """From counts summed from the highest score on, (k + 1,)."""
    places, nan = share * people[-1], float("nan")
    hits, others = float(np.interp(places, people, events)), people[-1] - events[-1]
    return Flagged(
        hits / events[-1] if events[-1] else nan,
        1 - (places - hits) / others if others else nan,
        hits / places if places else nan,
    )
