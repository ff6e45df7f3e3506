"""Fitting a layer: drawn towards what is believed, a slope only where the events bear it."""

import numpy as np
import pytest

from cdss.models.site_layer import Groups, sigmoid
from cdss.serving.population.calibration.fit import Belief, fitted, out_of_fold, probability, ridge
from cdss.serving.population.calibration.people import People
from cdss.serving.population.calibration.priors import Prior, of, priors

FLAT = Belief(Prior(spread=0.3, source="", dated=priors().review.last), {"a": 0.0, "b": 0.0}, Groups())


def people(count: int, shift: float = 0.0, slope: float = 1.0, seed: int = 3, middle: float = -3.0) -> People:
    """Whose odds are moved by the given line; a third is of tier b."""
    draw = np.random.default_rng(seed)
    logit = draw.normal(middle, 1.2, count)
    event = (draw.random(count) < sigmoid(shift + slope * logit)).astype(float)
    return People(event, logit, (np.arange(count) % 3 == 0).astype(np.int64), ("a", "b"), {"sex": np.zeros(count)})


def test_ridge_is_the_posterior_mode_of_one_intercept() -> None:
    """At the mode: events - expected events = intercept / spread squared."""
    some = people(500, shift=0.8)
    (found,) = ridge(some.event, some.logit, np.ones((500, 1)), np.array([0.3]))
    assert some.event.sum() - sigmoid(some.logit + found).sum() == pytest.approx(found / 0.09)


@pytest.mark.parametrize(("count", "low", "high"), [(500, 0.3, 0.7), (100_000, 0.75, 0.85)],
                         ids=["few people are drawn towards nought", "many are believed"])  # fmt: skip
def test_the_more_events_the_less_it_is_drawn(count: int, low: float, high: float) -> None:
    assert low < fitted(people(count, shift=0.8), FLAT).intercepts["a"] < high


def test_a_slope_is_found_where_it_is_there_and_events_are_many() -> None:
    layer = fitted(people(20_000, slope=0.7), FLAT)
    assert layer.slope == pytest.approx(0.7, abs=0.08)


@pytest.mark.parametrize("seed", range(5))
def test_no_slope_where_there_is_none(seed: int) -> None:
    assert fitted(people(5000, shift=0.5, seed=seed), FLAT).slope == 1


def test_no_slope_from_fewer_than_a_hundred_events() -> None:
    few = people(900, slope=0.4, middle=-6.0)
    assert few.rare < 100
    assert fitted(few, FLAT).slope == 1


def test_the_after_is_measured_on_people_the_layer_was_not_made_from() -> None:
    """Changing one person's outcome changes the others' layers, never that person's own probability by itself."""
    some = people(600, shift=0.5)
    before = out_of_fold(some, FLAT)
    turned = some.event.copy()
    turned[5] = 1 - turned[5]
    in_sample = [probability(fitted(one, FLAT), some)[5] for one in (some, People(turned, *_rest(some)))]
    assert in_sample[0] != in_sample[1]
    assert not np.allclose(before, probability(fitted(some, FLAT), some), atol=1e-9)


def _rest(some: People) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], dict[str, np.ndarray]]:
    return some.logit, some.tier, some.tiers, some.columns


def test_a_belief_moves_where_it_is_drawn_to() -> None:
    some = people(500, shift=0.0)
    believed = Belief(FLAT.prior, {"a": 0.5, "b": 0.5}, Groups())
    assert fitted(some, FLAT).intercepts["a"] < fitted(some, believed).intercepts["a"] < 0.5


def test_other_models_have_a_wider_belief() -> None:
    assert of("diabetes_incident_cn").spread == 0.3
    assert of("diabetes_screen") is priors().other_models
