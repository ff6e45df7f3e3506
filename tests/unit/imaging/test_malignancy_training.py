"""The training of the rating: resumable, from rated crops to an artifact that its wrapper reads; what it is given."""

from pathlib import Path

import numpy as np
import pytest
import torch

from cdss.datasets import lidc
from cdss.datasets.lidc_ratings import Ratings, ratings
from cdss.models import lung_nodule_malignancy as model
from cdss.training import lung_nodule_malignancy as training
from cdss.training.imaging.rated import batches, rated, targets
from cdss.training.imaging.ratinggraph import Shipped, export, proof
from cdss.training.imaging.ratingnet import RatingNet
from cdss.training.imaging.ship import ParityFailure


def interrupted(*_: object) -> dict[str, float]:
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # MLflow 3.17 on SQLAlchemy 2.1
def test_from_rated_crops_to_card(
    rated_lidc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(training, "calibrated", interrupted)
        with pytest.raises(KeyboardInterrupt):
            training.train(rated_lidc, out, epochs=1, steps=1)
    assert not out.exists()
    training.train(rated_lidc, out, epochs=1, steps=1)
    assert capsys.readouterr().err.count("going on after epoch 1") == 5
    shipped = model.load(out)
    assert shipped.card.data[0].name == "lidc_crops"
    assert shipped.card.evaluations[0]["split"] == "cv"
    assert shipped.look(np.ones((3, 7, 64, 64), np.float32), [5.0, 9.0, 20.0]).shape == (3, 5)


def test_a_net_is_never_given_the_fold_it_is_judged_on(rated_lidc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crops = lidc.crops(rated_lidc)
    seen: list[tuple[int, set[int]]] = []

    def noted(_: object, fold: int, *rest: object) -> RatingNet:
        seen.append((fold, {crops[row].fold for row in rest[-1]}))  # type: ignore[attr-defined]
        return RatingNet()

    monkeypatch.setattr(training, "_one", noted)
    training.fitted(training.Plan(epochs=1, steps=1, rates={}), crops, ratings(rated_lidc))
    assert seen == [(fold, {0, 1, 2, 3, 4} - {fold}) for fold in range(5)]


def test_mean_ratings_go_from_0_to_1_and_calcification_is_whether_any_was_seen() -> None:
    said = Ratings((1, 5), (5, 5), (1, 3), (6, 6, 3, 6), ())
    malignancy, subtlety, texture, calcified, spiculation = targets(said)
    assert (malignancy, subtlety, texture, calcified) == (0.5, 1.0, 0.25, 0.25)
    assert np.isnan(spiculation)


def test_the_same_seed_gives_the_same_batches_of_slices_that_cut_the_nodule(rated_lidc: Path) -> None:
    source = rated(lidc.crops(rated_lidc), ratings(rated_lidc))
    first, again = (next(batches(source, np.arange(10), 1, 10, np.random.default_rng(3))) for _ in range(2))
    assert torch.equal(first.slices, again.slices)
    assert (first.inside.amax((2, 3)) > 0.5).all()  # every slice shows some of its nodule
    assert (first.slices.amax((2, 3)) > 0).all()


def test_slices_without_anything_do_not_count() -> None:
    net = RatingNet().eval()
    plane = torch.rand(1, 1, 64, 64)
    alone = net(torch.cat([plane, torch.zeros(1, 2, 64, 64)], 1))
    assert torch.allclose(alone.ratings, net(plane).ratings, atol=1e-5)


def test_a_calibration_that_cannot_be_fitted_leaves_the_logit_as_it_is() -> None:
    events = np.asarray([0, 0, 1, 1])
    assert training.line(events > 0, np.asarray([-2.0, -1, 1, 2]), np.zeros(4)).tolist() == [0, 1, 0]


def test_another_net_is_no_proof(tmp_path: Path) -> None:
    first, second = (Shipped([RatingNet()], np.asarray([[0.0, 5.0, 1.0]])).eval() for _ in range(2))
    windows, diameters = np.random.default_rng(0).random((2, 7, 64, 64), np.float32), np.asarray([5, 9], np.float32)
    export(first, tmp_path / "model.onnx")
    assert proof(first, tmp_path / "model.onnx", windows, diameters, 5e-5)["parity_probability"] <= 5e-5
    with pytest.raises(ParityFailure, match="found a difference of"):
        proof(second, tmp_path / "model.onnx", windows, diameters, 5e-5)
