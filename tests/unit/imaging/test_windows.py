"""Training windows of the nodule net: the nodule is where the targets say, whatever the angle, flip and scale."""

from pathlib import Path

import numpy as np
import pytest
import torch

from cdss.datasets import lidc
from cdss.models.lung_nodule.stack import CELL_MM, DEPTH, PLANE_MM
from cdss.training.imaging.targets import CELL, CELLS, SIDE, Mark, drawn
from cdss.training.imaging.windows import Block, anywhere, block, cut, on_nodule


def ball(row: float, column: float, radius_px: float, pixel_mm: float) -> Block:
    """Five slices of dark lung with a bright disc that four readers outlined."""
    y, x = np.mgrid[:128, :128]
    inside = torch.from_numpy((np.hypot(y - row, x - column) <= radius_px).astype(np.float32)).expand(5, 128, 128)
    mark = Mark(row, column, 2 * radius_px * pixel_mm, sure=True)
    return Block(0.1 + 0.8 * inside, inside, 1.25, pixel_mm, (mark,) * 5)


def test_the_bright_disc_is_where_the_heat_is() -> None:
    generator = np.random.default_rng(1)
    batch = cut([on_nodule(ball(50, 70, 8, 0.6), generator) for _ in range(40)], generator)
    assert batch.stacks.shape == (40, DEPTH, SIDE, SIDE)
    bright = torch.nn.functional.avg_pool2d(batch.stacks[:, DEPTH // 2, None], CELL)
    core = batch.targets.weight > 0
    assert core.any(dim=(1, 2, 3)).sum() >= 35  # the middle of a few lies outside
    assert bright[core].mean() > 0.75
    assert bright[batch.targets.heat == 0].mean() < 0.2
    assert batch.targets.inside[core].min() > 0.9


def test_the_width_follows_the_scale_of_the_window() -> None:
    """A disc of 9.6 mm, at up to 15 % larger or smaller."""
    generator = np.random.default_rng(2)
    batch = cut([on_nodule(ball(64, 64, 8, 0.6), generator) for _ in range(40)], generator)
    for inside, width in zip(batch.targets.inside, batch.targets.width, strict=True):
        if not width.isnan().all():
            area = float(inside.sum()) * CELL_MM**2
            told = float(width[~width.isnan()].mean().exp())
            assert 9.6 / 1.15 - 0.01 <= told <= 9.6 / 0.85 + 0.01
            assert area <= np.pi / 4 * told**2 * 1.1


def test_every_nodule_weighs_the_same_and_one_readers_is_not_judged() -> None:
    marks = [Mark(0, 0, 4.0, True), Mark(0, 0, 30.0, True), Mark(0, 0, 8.0, False), None]
    places = np.full((4, 2), CELLS / 2)
    cells = torch.ones(4, 1, CELLS, CELLS)
    told = drawn(marks, places, np.ones(4), 0 * cells, cells > 0)
    assert told.weight.sum(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1, 0, 0])
    assert told.heat[2:].max() == 0
    assert [bool(each.all()) for each in told.judged] == [True, True, False, True]
    assert not told.judged[2, 0, CELLS // 2, CELLS // 2]


def test_a_nodule_whose_middle_is_outside_is_not_judged() -> None:
    cells = torch.ones(1, 1, CELLS, CELLS)
    told = drawn([Mark(0, 0, 20.0, True)], np.asarray([[-1.0, 10.0]]), np.ones(1), 0 * cells, cells > 0)
    assert told.weight.sum() == 0
    assert not told.judged[0, 0, 0, 10]
    assert told.judged[0, 0, 40, 10]


def test_slices_that_the_crop_does_not_have_stay_black_under_any_noise() -> None:
    generator = np.random.default_rng(5)
    aim = on_nodule(ball(64, 64, 8, 0.7), generator)._replace(middle=(0, 64.0, 64.0))
    black = (cut([aim] * 30, generator).stacks.amax(dim=(2, 3)) == 0).sum(dim=1)
    assert set(black.tolist()) == {DEPTH // 2}  # those above or below the first slice


def test_beyond_the_crop_nothing_is_judged(made_lidc: Path) -> None:
    """A corner of the crop in the middle of the window: about three quarters of it lie outside."""
    generator = np.random.default_rng(3)
    crops = [block(crop) for crop in lidc.crops(made_lidc)]
    corner = anywhere(crops[0], generator)._replace(middle=(1, 0.0, 0.0), linear=PLANE_MM / 0.7 * np.eye(2))
    assert cut([corner], generator).targets.judged.float().mean() == pytest.approx(0.25, abs=0.03)


def test_a_whole_ct_is_cut_in_pieces_like_crops() -> None:
    generator = np.random.default_rng(4)
    volume = torch.rand(20, 200, 210)
    places = np.asarray([[0, 5, 5], [19, 199, 209], [10, 100, 100]], np.float32)
    source = Block(volume, torch.zeros(()).expand_as(volume), 2.0, 0.5, (None,) * 20, places)
    aims = [anywhere(source, generator) for _ in range(60)]
    assert {aim.block.lung.shape[1:] for aim in aims} == {(128, 128)}
    assert {len(aim.block.lung) for aim in aims} == set(range(3, 10))
    assert all(0 <= aim.middle[0] < len(aim.block.lung) for aim in aims)
    assert cut(aims, generator).targets.weight.sum() == 0
