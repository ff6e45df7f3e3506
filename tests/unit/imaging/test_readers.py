"""The readers of FracAtlas and LIDC crops on folders made here."""

from pathlib import Path

import numpy as np
import pytest

from cdss.datasets import fracatlas, lidc
from cdss.datasets.hounsfield import calibrated, guessed, lung_share
from cdss.datasets.source import DataNotFound


def test_a_film_knows_its_boxes_as_corners(made_fracatlas: Path) -> None:
    films = fracatlas.films("train", made_fracatlas)
    assert len(films) == 10
    assert films[1].fractured
    assert films[1].boxes.tolist() == [[36, 46, 36 + 28, 46 + 18]]
    assert films[0].boxes.shape == (0, 4)
    assert films[3].hardware
    assert fracatlas.pixels(films[0]).shape == (120, 100)


def test_a_split_that_is_not_there_is_said(made_fracatlas: Path) -> None:
    with pytest.raises(DataNotFound, match="found no film of split 'nowhere'"):
        fracatlas.films("nowhere", made_fracatlas)


def test_neighbouring_acquisition_numbers_are_one_patient(made_fracatlas: Path) -> None:
    films = fracatlas.films("train", made_fracatlas)
    chosen = [films[0], films[1], films[4], films[5], films[9]]
    assert fracatlas.patients(chosen).tolist() == [0, 0, 1, 1, 2]


def test_crops_by_fold_in_hounsfield_units(made_lidc: Path) -> None:
    held = lidc.crops(made_lidc, (4,))
    assert [crop.name for crop in held] == ["CASE-0004_nodule-0", "CASE-0009_nodule-0"]
    hu = lidc.hounsfield(held[0])
    assert hu.shape == (3, 128, 128)
    assert hu[1, 64, 64] == pytest.approx(230 * 5 - 1100, abs=120)
    assert lidc.marks(held[0])[1, 64, 64] == 3
    assert lidc.negatives(made_lidc) == []


def test_no_crop_of_a_fold_is_said(made_lidc: Path) -> None:
    with pytest.raises(DataNotFound, match=r"found no nodule of folds \[9\]"):
        lidc.crops(made_lidc, (9,))


def lung_and_wall() -> np.ndarray:
    """Grey values of a slice: half lung near 60, half wall near 180."""
    generator = np.random.default_rng(2)
    grey = np.where(np.arange(128)[:, None] < 64, 60, 180) + generator.normal(0, 4, (128, 128))
    return grey.astype(np.uint8)


def test_a_good_calibration_is_used_as_it_is() -> None:
    grey = lung_and_wall()
    np.testing.assert_allclose(calibrated(grey, 7.5, -1310.0), grey * 7.5 - 1310, rtol=1e-6)


def test_padding_taken_for_minus_two_thousand_is_undone() -> None:
    """60 x 15 - 2000 = -1100 is below lung; 130 x 15 - 2000 = -50 is above it, and -1074 after the move."""
    grey = np.where(lung_and_wall() < 100, 140, 200).astype(np.uint8)
    values = calibrated(grey, 15.0, -2000.0)
    assert float(values.min()) == 140 * 15 - 2000 - 1024
    assert lung_share(values) == 0.5


def test_without_a_calibration_dark_is_lung_and_bright_is_tissue() -> None:
    values = guessed(lung_and_wall())
    assert np.median(values[:64]) == pytest.approx(-860, abs=10)
    assert np.median(values[64:]) == pytest.approx(30, abs=10)
