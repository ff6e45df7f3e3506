"""The population stability index, and what is said of it."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from cdss.serving.population.monitoring.drift import compared, level, psi, worst
from cdss.serving.population.monitoring.limits import limits
from cdss.serving.population.monitoring.reference import Shares

TENTH = [1000.0] * 10


def test_the_index_is_the_sum_over_bins_as_it_is_written_in_the_book() -> None:
    """Shares .2 .3 .5 against .3 .3 .4: (.2-.3) ln(.2/.3) + 0 + (.5-.4) ln(.5/.4)."""
    by_hand = (0.2 - 0.3) * math.log(0.2 / 0.3) + (0.5 - 0.4) * math.log(0.5 / 0.4)
    assert psi([2e6, 3e6, 5e6], [3e6, 3e6, 4e6]) == pytest.approx(by_hand, abs=1e-6)


def test_the_same_counts_are_no_drift_and_order_does_not_matter() -> None:
    assert psi([10, 20, 30], [10, 20, 30]) == 0
    assert psi([10, 25, 30], [10, 20, 30]) == pytest.approx(psi([30, 25, 10], [30, 20, 10]))


def test_an_empty_bin_is_a_large_difference_and_not_an_infinite_one() -> None:
    assert 0.25 < psi([0, 500, 500], [300, 400, 300]) < 5


@pytest.mark.parametrize(
    ("difference", "said"),
    [(0.0, "stable"), (0.0999, "stable"), (0.1, "moderate"), (0.25, "moderate"), (0.2501, "major")],
    ids=["none", "just below .1", ".1 itself is moderate", ".25 itself is moderate", "above .25"],
)
def test_levels_have_the_usual_limits(difference: float, said: str) -> None:
    assert level(difference, limits().psi) == said


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("count", [200, 1000, 20_000])
def test_people_of_the_same_kind_are_stable(seed: int, count: int) -> None:
    """Two hundred are enough not to be alarmed by chance: (10 - 1) / 200 is .045 on average."""
    now = np.random.default_rng(seed).multinomial(count, [0.1] * 10).tolist()
    found = compared(now, 0, TENTH, 0)
    assert found.psi is not None
    assert found.psi < 0.1 or count == 200
    assert found.level != "major"


def shares() -> Shares:
    """A standard normal in tenths."""
    edges = np.quantile(np.random.default_rng(0).normal(size=100_000), np.linspace(0.1, 0.9, 9))
    return Shares(tuple(edges.tolist()), (0.1,) * 10)


@pytest.mark.parametrize(
    ("what", "change", "said"),
    [
        ("moved by 0.4 of its spread: the index is about 0.4 squared", lambda x: x + 0.4, "moderate"),
        ("moved by its whole spread", lambda x: x + 1.0, "major"),
        ("twice as wide", lambda x: 2 * x, "major"),
        ("as it was", lambda x: x, "stable"),
    ],
)  # fmt: skip
def test_what_moved_is_found(what: str, change: Callable[[np.ndarray], np.ndarray], said: str) -> None:
    values = change(np.random.default_rng(1).normal(size=5000))
    now = np.bincount(shares().place(values), minlength=10).tolist()
    assert compared(now, 0, TENTH, 0).level == said


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [(0.02, 0.0, "stable"), (0.1, 0.02, "moderate"), (0.4, 0.02, "major"), (0.0, 0.3, "major")],
    ids=["two in a hundred more", "eight more", "forty", "nobody lacks it any more"],
)
def test_values_that_are_missing_more_or_less_often_are_drift(now: float, then: float, said: str) -> None:
    counts = [int(100 * (1 - now))] * 10
    found = compared(counts, round(1000 * now), [share * (1 - then) for share in TENTH], 10_000 * then)
    assert found.level == said
    assert found.missing == pytest.approx(now, abs=0.002)


def test_a_column_that_is_gone_is_major_and_has_no_index() -> None:
    found = compared([0] * 10, 5000, TENTH, 0)
    assert (found.level, found.psi, found.missing) == ("major", None, 1.0)


@pytest.mark.parametrize(
    ("now", "then"), [([19] * 10 + [9], [1000] * 11), ([1000] * 11, [19] * 10 + [9])], ids=["now", "then"]
)
def test_of_199_people_nothing_is_said_and_of_200_something(now: list[int], then: list[int]) -> None:
    assert compared(now, 0, then, 0).level == "too-few"
    assert compared([*now[:-1], now[-1] + 1], 0, [*then[:-1], then[-1] + 1], 0).level != "too-few"


def test_a_value_on_an_edge_lies_in_the_bin_below_as_training_counted_it() -> None:
    one = Shares((24.0, 30.0), (0.3, 0.3, 0.4))
    assert one.place(np.array([23.9, 24.0, 24.1, 30.0, 31.0, np.nan])).tolist() == [0, 0, 1, 1, 2, -1]


def test_the_worst_is_what_most_needs_a_person() -> None:
    assert worst(["stable", "major", "moderate"]) == "major"
    assert worst(["stable", "too-few"]) == "stable"
    assert worst([]) == "no-reference"
