"""The measures of the command agree with those of the evaluation, which knows other ways to them."""

import numpy as np
import pytest

from cdss.evaluation import metrics, ranking
from cdss.models.site_layer import sigmoid
from cdss.serving.population.calibration import measures


@pytest.fixture(scope="module")
def seen() -> tuple[np.ndarray, np.ndarray]:
    """Events and rounded probabilities, so that there are ties."""
    draw = np.random.default_rng(4)
    probability = sigmoid(draw.normal(-2, 1, 3000)).round(2).clip(0.01, 0.99)
    return (draw.random(3000) < probability).astype(float), probability


def test_they_are_those_of_the_evaluation(seen: tuple[np.ndarray, np.ndarray]) -> None:
    event, probability = seen
    found = measures.measured(event, probability)
    assert found.o_e
    assert found.slope
    assert found.auc
    assert found.o_e.value == pytest.approx(metrics.observed_expected(event.astype(int), probability))
    assert found.slope.value == pytest.approx(metrics.calibration(event.astype(int), probability)[1])
    assert found.auc.value == pytest.approx(ranking.auc(probability, event.astype(bool)))


def test_intervals_are_near_those_of_the_bootstrap(seen: tuple[np.ndarray, np.ndarray]) -> None:
    event, probability = seen
    draw = np.random.default_rng(5)
    rows = [draw.integers(0, len(event), len(event)) for _ in range(400)]
    areas = [ranking.auc(probability[row], event[row].astype(bool)) for row in rows]
    slopes = [metrics.calibration(event[row].astype(int), probability[row])[1] for row in rows]
    for found, draws in ((measures.auc(event, probability), areas), (measures.slope(event, probability), slopes)):
        assert found
        low, high = np.quantile(draws, (0.025, 0.975))
        assert found.low == pytest.approx(low, abs=0.15 * (high - low))
        assert found.high == pytest.approx(high, abs=0.15 * (high - low))


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.69), (5, 1.62, 11.67), (10, 4.80, 18.39), (100, 81.36, 121.63)],
    ids=["none", "five", "ten", "a hundred"],
)
def test_byars_limits_are_near_the_exact_ones_of_poisson(events: int, low: float, high: float) -> None:
    """Exact limits: half the 2.5 % and 97.5 % points of chi-square with 2 and 2 + 2 degrees of freedom an event."""
    found = measures.observed_expected(events, 1.0)
    assert found
    assert found.low == pytest.approx(low, abs=0.04)
    assert found.high == pytest.approx(high, abs=0.06)


def test_fifths_hold_everyone_once(seen: tuple[np.ndarray, np.ndarray]) -> None:
    event, probability = seen
    fifths = measures.fifths(event, probability)
    assert [fifth.n for fifth in fifths] == [600] * 5
    assert sum(fifth.observed.value * fifth.n for fifth in fifths) == pytest.approx(event.sum())
    assert [fifth.predicted for fifth in fifths] == sorted(fifth.predicted for fifth in fifths)


def test_without_events_what_is_not_defined_is_none() -> None:
    found = measures.measured(np.zeros(10), np.full(10, 0.1))
    assert (found.slope, found.auc) == (None, None)
    assert found.o_e
    assert found.o_e.value == 0
