"""The rating of a nodule: what it is shown, what it says nothing of, whose verdict is the event."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from cdss import models
from cdss.datasets import lidc
from cdss.datasets.lidc_ratings import Ratings, ratings
from cdss.datasets.source import DataNotFound
from cdss.evaluation import lung_nodule_malignancy as evaluation
from cdss.evaluation.ratings.given import given
from cdss.evaluation.ratings.shape import MEASURES, forest, measures, perimeter
from cdss.models import lung_nodule_malignancy
from cdss.models.artifact import DigestMismatch
from cdss.models.finding import Nodule
from cdss.models.lung_nodule_malignancy import Malignancy
from cdss.models.lung_nodule_malignancy.window import cutting, window, within

SHIPPED = Path(models.__file__).parent / "lung_nodule_malignancy"
SPACING = (1.25, 0.7, 0.7)


@pytest.fixture(scope="module")
def model() -> Malignancy:
    return lung_nodule_malignancy.load()


def ball(spacing: tuple[float, float, float], radius: float = 5.0, size_mm: float = 60.0) -> np.ndarray:
    """A ball of soft tissue (radius in mm) in the middle of a cube of lung."""
    axes = [np.arange(round(size_mm / each)) * each for each in spacing]
    middle = [axis.mean() for axis in axes]
    z, y, x = np.ix_(*(axis - at for axis, at in zip(axes, middle, strict=True)))
    return np.where(z**2 + y**2 + x**2 < radius**2, 30.0, -850.0)


def centre(volume: np.ndarray) -> tuple[float, float, float]:
    z, y, x = ((length - 1) / 2 for length in volume.shape)
    return z, y, x


def test_the_nodule_is_in_the_middle_in_its_true_size() -> None:
    volume = ball(SPACING)
    seen = window(volume, SPACING, centre(volume), 10.0)
    rows, columns = np.nonzero(seen[3] > 0.5)
    assert seen.shape == (7, 64, 64)
    assert rows.mean() == pytest.approx(31.5, abs=0.5)
    assert np.ptp(columns) * 0.7 == pytest.approx(10.0, abs=1.0)


def test_the_same_nodule_looks_the_same_at_another_spacing() -> None:
    fine, coarse = (0.625, 0.5, 0.5), (1.25, 0.8, 0.8)
    first, second = (window(volume := ball(each), each, centre(volume), 10.0) for each in (fine, coarse))
    assert np.abs(first - second).mean() < 0.01


def test_the_order_of_slices_does_not_matter() -> None:
    volume = ball(SPACING)
    volume[: len(volume) // 2] -= 50
    z, row, column = centre(volume)
    turned = window(volume[::-1], SPACING, (len(volume) - 1 - z, row, column), 10.0)
    assert np.allclose(turned, window(volume, SPACING, (z, row, column), 10.0)[::-1])


@pytest.mark.parametrize(
    ("diameter", "slice_mm", "known"),
    [
        (2.0, 1.25, [0, 0, 1, 1, 1, 0, 0]),  # 1.25 mm away is within (2 + 1.25) / 2
        (5.0, 1.25, [0, 1, 1, 1, 1, 1, 0]),
        (10.0, 1.25, [1, 1, 1, 1, 1, 1, 1]),
        (2.0, 0.1, [0, 0, 0, 1, 0, 0, 0]),  # the middle itself is always looked at
    ],
)
def test_only_slices_that_cut_the_nodule_are_looked_at(diameter: float, slice_mm: float, known: list[int]) -> None:
    assert cutting(diameter, slice_mm).tolist() == [bool(each) for each in known]


def test_what_is_beyond_the_volume_is_empty_not_repeated() -> None:
    volume = ball(SPACING)[20:29]  # the first slice cuts the ball
    seen = window(volume, SPACING, (0.0, 42.0, 42.0), 10.0)
    assert not seen[:3].any()
    assert seen[3:].any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("place", "diameter", "known"),
    [
        ((20.0, 50.0, 50.0), 8.0, True),
        ((1.0, 50.0, 50.0), 8.0, False),  # cut by the end of the volume: 4 mm are more than its first slices
        ((20.0, 50.0, 98.0), 8.0, False),  # cut by the edge of the image
        ((55.0, 50.0, 50.0), 8.0, False),  # not in the volume at all
        ((20.0, 50.0, 50.0), 1.5, False),  # smaller than any that was rated
        ((20.0, 50.0, 50.0), 46.0, False),  # larger than the window
        ((20.0, 50.0, float("nan")), 8.0, False),
        ((20.0, 50.0, 50.0), float("inf"), False),
    ],
)
def test_where_nothing_is_known_no_number_is_made_up(
    model: Malignancy, place: tuple[float, float, float], diameter: float, known: bool
) -> None:
    volume = np.full((40, 100, 100), -850.0)
    assert within(volume.shape, SPACING, place, diameter) == known
    (told,) = model.rate(volume, SPACING, [Nodule(0.9, place, diameter)])
    assert (told is not None) == known


def test_each_nodule_gets_its_own_answer_in_order(model: Malignancy) -> None:
    volume = ball(SPACING, radius=12.0)
    nodules = [Nodule(0.9, centre(volume), 24.0), Nodule(0.9, (0.0, 0.0, 0.0), 24.0), Nodule(0.8, (9, 20, 20), 3.0)]
    large, cut, nothing = model.rate(volume, SPACING, nodules)
    assert cut is None
    assert large is not None
    assert nothing is not None
    assert [large] == pytest.approx(model.rate(volume, SPACING, nodules[:1]), abs=1e-5)
    assert 0 <= nothing < large <= 1


def test_no_nodules_no_ratings(model: Malignancy) -> None:
    assert model.rate(ball(SPACING), SPACING, []) == []


def test_the_answer_is_the_mean_of_the_nets(model: Malignancy) -> None:
    volume = ball(SPACING)
    seen = window(volume, SPACING, centre(volume), 10.0)
    nets = model.look(seen[None], [10.0])
    assert nets.shape == (1, 5)
    told = model.rate(volume, SPACING, [Nodule(0.9, centre(volume), 10.0)])
    assert told == pytest.approx([float(nets.mean())], abs=1e-6)


def test_how_many_slices_are_known_tells_nothing_by_itself(model: Malignancy) -> None:
    plane = window(ball(SPACING), SPACING, centre(ball(SPACING)), 10.0)[3]
    one, three = np.zeros((2, 7, 64, 64), np.float32)
    one[3], three[2:5] = plane, plane
    assert model.look(one[None], [10.0]) == pytest.approx(model.look(three[None], [10.0]), abs=1e-4)


def test_the_artifact_is_small_and_its_card_complete(model: Malignancy) -> None:
    assert (SHIPPED / "model.onnx").stat().st_size <= 8e6
    assert model.card.name == "lung_nodule_malignancy"
    assert "(not measured)" not in model.card.performance.internal_validity
    assert any("needs clinical review" in each.zh for each in model.card.limits)


def test_a_changed_artifact_is_not_used(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    with (tmp_path / "model" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(DigestMismatch, match="reinstall the model, it is not used"):
        lung_nodule_malignancy.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("said", "malignant"),
    [
        ((1, 2, 2), False),
        ((2, 2, 5), False),  # one reader against two
        ((4, 4, 3), True),
        ((1, 2, 3, 3), None),  # 2.5 is between
        ((3, 3, 4), None),
        ((3, 4, 4, 5), True),
        ((5, 5), None),  # two readers are too few
        ((), None),
    ],
)
def test_the_event_is_the_median_of_three_readers_or_more(said: tuple[int, ...], malignant: bool | None) -> None:
    assert Ratings(said, (), (), (), ()).malignant is malignant


def test_ratings_that_a_folder_lacks_are_empty(made_lidc: Path) -> None:
    said = ratings(made_lidc)["CASE-0000_nodule-0"]
    assert said == Ratings((3, 3, 3), (), (), (), ())


def test_a_rating_that_is_none_is_refused(made_lidc: Path) -> None:
    table = made_lidc / "lidc_crops" / "nodules.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("[3, 3, 3]", "[3, 9, 3]", 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"CASE-0000_nodule-0: found ratings '\[3, 9, 3\]', expected"):
        ratings(made_lidc)


def test_the_model_is_given_the_same_offsets_every_time(made_lidc: Path) -> None:
    first, second, *_ = lidc.crops(made_lidc)
    (seen, diameter), (again, same), (other, _) = given(first), given(first), given(second)
    assert np.array_equal(seen, again)
    assert diameter == same != first.diameter_mm
    assert not np.array_equal(seen[3] > 0.5, other[3] > 0.5)


def test_measures_of_a_disc(made_lidc: Path) -> None:
    """Three slices of 2.5 mm, a disc of 4 px of 0.7 mm."""
    crop = lidc.crops(made_lidc)[0]
    found = dict(zip(MEASURES, measures(crop), strict=True))
    assert found["height_mm"] == pytest.approx(3 * 2.5)
    assert found["volume_mm3"] == pytest.approx(found["area_mm2"] * 7.5)
    assert found["major_mm"] == pytest.approx(found["minor_mm"]) == pytest.approx(2 * 4 * 0.7, rel=0.1)
    assert found["roundness"] == pytest.approx(1, abs=0.2)


def test_the_perimeter_of_one_pixel() -> None:
    assert perimeter(np.ones((1, 1), bool)) == pytest.approx(4 * np.pi / 4)


def test_the_forest_never_sees_the_fold_it_judges() -> None:
    """The feature means the opposite in the other fold: only a forest that peeks would be right."""
    folds = np.repeat([0, 1], 40)
    event = np.tile([False, True], 40)
    feature = np.where(folds == 0, event, ~event).astype(float)[:, None]
    told = forest(feature, event, folds)
    assert (told[event] < 0.5).all()
    assert (told[~event] > 0.5).all()


def test_cv_judges_each_nodule_by_its_own_net(rated_lidc: Path) -> None:
    report = evaluation.evaluate(rated_lidc, "cv")
    assert (report.n, report.events) == (10, 4)
    assert {"auc", "sensitivity_at_90_specificity", "calibration_slope", "brier"} <= set(report.metrics)
    assert set(report.baselines) == {"size", "shape_forest"}
    assert report.baselines["size"]["auc"].value == 1  # the larger ones were called malignant


def test_all_says_when_it_is_in_sample(rated_lidc: Path, model: Malignancy, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("in-sample" in note for note in evaluation.evaluate(rated_lidc, "all").notes)
    monkeypatch.setattr(evaluation, "digest", lambda *_: model.card.data[0].digest)
    assert any("in-sample" in note for note in evaluation.evaluate(rated_lidc, "all").notes)


def test_a_folder_without_folds_is_judged_by_the_mean(rated_lidc: Path, model: Malignancy) -> None:
    table = rated_lidc / "lidc_crops" / "nodules.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "fold": ""} for row in csv.DictReader(file)]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    crops, said = lidc.crops(rated_lidc), ratings(rated_lidc)
    told = evaluation.judged(crops, said, model, "all")
    windows, diameters = zip(*map(given, crops), strict=True)
    assert told.probability == pytest.approx(model.look(np.stack(windows), diameters).mean(axis=1), abs=1e-6)
    assert set(evaluation.grouped(crops)) == {0, 1, 2, 3, 4}


def test_a_folder_without_verdicts_is_not_judged(made_lidc: Path) -> None:
    with pytest.raises(DataNotFound, match="found 0 malignant of 0 nodules"):
        evaluation.evaluate(made_lidc, "cv")
