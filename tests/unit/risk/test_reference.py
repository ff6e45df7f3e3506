"""What a model's people looked like, as shares between deciles: the file that drift is measured against."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from cdss.models import bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen
from cdss.models.artifact import companion
from cdss.training.risk.reference import REFERENCE, reference

NAN = float("nan")
MODELS = (diabetes_screen, diabetes_incident_cn, bp_control, ckd_alert)


def test_a_measurement_is_cut_at_its_deciles_and_missing_is_told_apart() -> None:
    column = np.concatenate([np.arange(1.0, 101), np.full(25, NAN)])
    found = reference({"age": column}, {})
    assert found["n"] == 125
    assert found["features"]["age"]["edges"] == pytest.approx([10.9, 20.8, 30.7, 40.6, 50.5, 60.4, 70.3, 80.2, 90.1])
    assert found["features"]["age"]["share"] == [0.1] * 10
    assert found["features"]["age"]["missing"] == 0.2


def test_a_yes_no_has_one_edge() -> None:
    found = reference({"smoking": np.array([0.0, 0, 0, 1, NAN])}, {})["features"]["smoking"]
    assert found == {"edges": [0.5], "share": [0.75, 0.25], "missing": 0.2}


def test_equal_deciles_count_once_and_an_edge_belongs_to_the_interval_below() -> None:
    """Of a hundred, 65 take one, 30 two and five four: the deciles are one six times, then two."""
    column = np.array([1.0] * 65 + [2] * 30 + [4] * 5)
    found = reference({"antihypertensives": column}, {})["features"]["antihypertensives"]
    assert found["edges"] == [1, 2]
    assert found["share"] == [0.65, 0.3, 0.05]


def test_scores_have_shares_and_nothing_missing() -> None:
    found = reference({"age": np.array([1.0])}, {"a": np.linspace(0.01, 0.99, 99)})["scores"]["a"]
    assert found.keys() == {"edges", "share"}
    assert sum(found["share"]) == pytest.approx(1)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__.rpartition(".")[2])
def test_every_risk_model_is_shipped_with_its_reference(model: type) -> None:
    loaded = model.load()  # type: ignore[attr-defined]
    path = companion(Path(model.__file__).parent, loaded.card, REFERENCE)  # type: ignore[attr-defined]
    found = msgspec.json.decode(path.read_bytes())
    assert found["scores"].keys() == {tier.name for tier in loaded.tiers}
    assert found["features"].keys() <= loaded.FEATURES.keys()
    for name, feature in found["features"].items():
        assert len(feature["share"]) == len(feature["edges"]) + 1, name
        assert feature["edges"] == sorted(set(feature["edges"])), name
        assert sum(feature["share"]) == pytest.approx(1, abs=1e-4), name
        assert 0 <= feature["missing"] < 1, name
        assert all(loaded.FEATURES[name].low <= edge <= loaded.FEATURES[name].high for edge in feature["edges"]), name
    assert found["n"] > 10_000
