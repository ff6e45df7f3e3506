"""The card of the rating comes out again, and holds what was asked of it."""

import os

import pytest

from cdss.evaluation import lung_nodule_malignancy as evaluation
from cdss.evaluation.report import to_card
from cdss.models import lung_nodule_malignancy

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("CDSS_DATA"), reason="CDSS_DATA is unset: needs lidc_crops"),
]


def test_the_card_comes_out_again() -> None:
    (claim,) = lung_nodule_malignancy.load().card.evaluations
    again = to_card(evaluation.evaluate(None, "cv"))
    assert (again["n"], again["events"]) == (claim["n"], claim["events"]) == (530, 253)
    for name in ("auc", "sensitivity_at_90_specificity", "calibration_slope"):
        assert again["metrics"][name]["value"] == pytest.approx(claim["metrics"][name]["value"], abs=0.003), name
    for name, metrics in claim["baselines"].items():
        assert again["baselines"][name]["auc"]["value"] == pytest.approx(metrics["auc"]["value"], abs=0.003), name


def test_it_ranks_better_than_size_and_shape_in_the_same_folds() -> None:
    (claim,) = lung_nodule_malignancy.load().card.evaluations
    found = claim["metrics"]["auc"]["value"]
    assert found >= 0.90
    assert found > max(claim["baselines"][name]["auc"]["value"] for name in ("size", "shape_forest"))
