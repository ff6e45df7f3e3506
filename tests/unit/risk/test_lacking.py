"""What missing values cost, on people and a model whose answer can be worked out."""

from collections.abc import Mapping

import numpy as np
import pytest

from cdss.evaluation.lacking import blanked
from cdss.evaluation.report import Blanked, Lacking
from cdss.evaluation.tally import Score

GENERATOR = np.random.default_rng(7)
PEOPLE = {name: GENERATOR.normal(0, 1, 2000) for name in ("strong", "weak", "useless", "needed")}
EVENT = (GENERATOR.random(2000) < 1 / (1 + np.exp(2 - 2 * PEOPLE["strong"] - 0.7 * PEOPLE["weak"]))).astype(np.int64)


def predict(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """A missing value counts as the mean, 0; without `needed` there is no answer."""
    strong, weak = (np.nan_to_num(columns[name]) for name in ("strong", "weak"))
    return np.where(np.isnan(columns["needed"]), np.nan, 1 / (1 + np.exp(2 - 2 * strong - 0.7 * weak)))


@pytest.fixture(scope="module")
def found() -> Lacking:
    people = PEOPLE | {"weak": np.where(np.arange(2000) < 500, np.nan, PEOPLE["weak"])}
    return blanked(predict, people, EVENT, ("strong", "weak", "useless", "needed"), repeats=20)


def case(found: Lacking, *features: str, at_random: int = 0) -> Blanked:
    return next(one for one in found.cases if set(one.features) == set(features) and one.at_random == at_random)


def test_who_lacks_what_is_a_share_of_the_people(found: Lacking) -> None:
    assert found.shares == {"strong": 0, "weak": 0.25, "useless": 0, "needed": 0}


def test_the_first_case_is_the_people_as_they_are(found: Lacking) -> None:
    assert found.cases[0].features == []
    assert found.cases[0].metrics["auc_lost"].value == 0


def test_what_is_lost_is_the_auc_before_less_the_auc_after(found: Lacking) -> None:
    after = case(found, "strong").metrics
    assert after["auc_lost"].value == pytest.approx(found.cases[0].metrics["auc"].value - after["auc"].value)
    weak_alone = np.where(np.arange(2000) < 500, 0, PEOPLE["weak"])
    assert after["auc"].value == pytest.approx(Score(EVENT, weak_alone).tally().auc(), abs=1e-12)


def test_features_are_ordered_by_what_they_cost(found: Lacking) -> None:
    assert [one.features for one in found.cases[1:5]] == [["needed"], ["strong"], ["weak"], ["useless"]]
    assert case(found, "useless").metrics["auc_lost"].value == 0


def test_a_feature_without_which_there_is_no_answer_is_said_to_be_one(found: Lacking) -> None:
    assert (case(found, "needed").answered, case(found, "needed").metrics) == (0, {})


def test_several_missing_together_cost_at_least_what_the_worst_of_them_does(found: Lacking) -> None:
    both = case(found, "strong", "weak")
    assert both.metrics["auc"].value == 0.5
    assert both.metrics["auc_lost"].value > case(found, "strong").metrics["auc_lost"].value


def test_at_random_everybody_still_has_an_answer_and_loses_less_than_without_the_best(found: Lacking) -> None:
    one = case(found, "strong", "weak", "useless", at_random=1)
    assert one.answered == 2000
    assert 0 < one.metrics["auc_lost"].value < case(found, "strong").metrics["auc_lost"].value
