"""The training scripts train, go on after an interruption, and write an artifact that its wrapper reads."""

from pathlib import Path

import numpy as np
import pytest

from cdss.models import fracture as fracture_model
from cdss.models import lung_nodule as nodule_model
from cdss.models.lung_nodule.stack import DEPTH
from cdss.training import fracture, lung_nodule

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),  # MLflow 3.17 on SQLAlchemy 2.1
]


@pytest.fixture(autouse=True)
def _laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))


def interrupted(*_: object) -> dict[str, float]:
    raise KeyboardInterrupt


def test_fracture_from_films_to_card(
    made_fracatlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(fracture, "checked", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fracture.train(made_fracatlas, out, epochs=2)
    assert not out.exists()
    fracture.train(made_fracatlas, out, epochs=2)
    assert "going on after epoch 1" in capsys.readouterr().err
    model = fracture_model.load(out)
    assert {threshold.name for threshold in model.card.thresholds} == {"screening", "confirming", "box", "scope"}
    assert model.card.evaluations[0]["split"] == "valid"
    assert 0 <= model.read(np.random.default_rng(0).random((90, 130))).probability <= 1


def test_lung_nodule_from_crops_to_card(made_lidc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lung_nodule.train(made_lidc, out, epochs=1, steps=2)
    model = nodule_model.load(out)
    assert model.card.data[0].name == "lidc_crops"
    assert "(not measured)" in model.card.performance.internal_validity  # no CT without nodules in this folder
    assert model.see(np.zeros((DEPTH, 64, 80), np.float32))[0].shape == (32, 40)
