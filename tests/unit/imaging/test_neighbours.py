"""A crop that shows another listed nodule of its patient is known to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cdss.datasets import lidc
from cdss.datasets.lidc_neighbours import with_neighbours
from cdss.evaluation.blobs import blobs
from cdss.evaluation.patches import look

SHIFT = 40  # px from one nodule to the other


@pytest.fixture
def two(made_lidc: Path) -> list[lidc.Crop]:
    """Two crops of one patient's lung, SHIFT columns apart, with a nodule in the middle of each."""
    first, second = lidc.crops(made_lidc)[:2]
    y, x = np.mgrid[:128, : 128 + SHIFT]
    lung = np.random.default_rng(6).normal(60, 12, (128, 128 + SHIFT))
    for column, radius in ((64, 5), (64 + SHIFT, 7)):
        lung[np.hypot(y - 64, x - column) < radius] = 220
    for crop, left, radius in ((first, 0, 5), (second, SHIFT, 7)):
        picture = lung[:, left : left + 128].clip(0, 255).astype(np.uint8)
        Image.fromarray(np.concatenate([picture] * 3)).save(crop.folder / "images" / f"{crop.name}.jpg", quality=95)
        inside = np.hypot(y - 64, x - 64)[:, :128] < radius
        Image.fromarray(np.concatenate([inside * 3] * 3).astype(np.uint8)).save(
            crop.folder / "readers" / f"{crop.name}.png"
        )
    return [first, replace(second, patient=first.patient)]


def test_each_shows_the_other_where_it_is(two: list[lidc.Crop]) -> None:
    (one,), (other,) = (crop.neighbours for crop in with_neighbours(two))
    assert (one.row, one.column) == pytest.approx((64, 64 + SHIFT), abs=1)
    assert (other.row, other.column) == pytest.approx((64, 64 - SHIFT), abs=1)
    assert one.radius == pytest.approx(7, abs=1)


def test_another_patients_nodules_are_not_looked_for(two: list[lidc.Crop]) -> None:
    apart = [two[0], replace(two[1], patient="another")]
    assert all(not crop.neighbours for crop in with_neighbours(apart))


def test_another_nodule_is_no_background(two: list[lidc.Crop]) -> None:
    without, known = two[0], with_neighbours(two)[0]
    assert max(look(blobs, without).background) > 2 * max(look(blobs, known).background)
