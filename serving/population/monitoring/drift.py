"""How far counts lie from what they are compared with: the population stability index. Pure.

`psi` = sum over bins of (now - then) * ln(now / then), of shares; 0 is the same. Half a person is added to every bin,
so that an empty one is a large difference and not an infinite one.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from cdss.serving.population.monitoring.limits import Steps, limits

Level = Literal["stable", "moderate", "major", "too-few", "no-reference", "gathering"]
ORDER: tuple[Level, ...] = ("major", "moderate", "stable", "too-few", "gathering", "no-reference")
SMOOTHING = 0.5


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Counts now against counts then: `n` people now, of whom the share `missing` has no value.

    None is what cannot be said.
    """

    level: Level
    n: int = 0
    psi: float | None = None
    missing: float | None = None
    missing_then: float | None = None
    share: tuple[float, ...] = ()  # of those with a value, by bin
    share_then: tuple[float, ...] = ()


def compared(now: Sequence[int], missing: int, then: Sequence[float], missing_then: float) -> Compared:
    """`now` and `then` by bin (counts of people with a value), `missing` people without one.

    Of fewer people than the limits ask for, nothing is said; nor of a value that nobody has.
    """
    known, known_then = sum(now), sum(then)
    n, n_then = known + missing, known_then + missing_then
    if n < limits().fewest_people or n_then < limits().fewest_people:
        return Compared(level="too-few", n=n)
    share, share_then = missing / n, missing_then / n_then
    levels = [level(abs(share - share_then), limits().missing)]
    found = None
    if known >= limits().fewest_people and known_then >= limits().fewest_people:
        found = psi(now, then)
        levels.append(level(found, limits().psi))
    return Compared(
        level=min(levels, key=ORDER.index),
        n=n,
        psi=found,
        missing=share,
        missing_then=share_then,
        share=_shares(now),
        share_then=_shares(then),
    )


def psi(now: Sequence[float], then: Sequence[float]) -> float:
    """The index of two sets of counts over the same bins."""
    one, two = (np.asarray(counts, np.float64) + SMOOTHING for counts in (now, then))
    one, two = one / one.sum(), two / two.sum()
    return float(((one - two) * np.log(one / two)).sum())


def level(difference: float, steps: Steps) -> Level:
    """Below the first step stable, from there moderate, above the second major."""
    return "stable" if difference < steps.moderate else "moderate" if difference <= steps.major else "major"


def worst(levels: Sequence[Level]) -> Level:
    """The level that most needs a person to look; "no-reference" of nothing."""
    return min(levels, key=ORDER.index, default="no-reference")


def _shares(counts: Sequence[float]) -> tuple[float, ...]:
    total = sum(counts)
    return tuple(float(count / total) for count in counts) if total else ()
