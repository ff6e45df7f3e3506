"""Looks at crops: the nodule, its periphery, and the nodule off the middle."""

import dataclasses
from pathlib import Path

import numpy as np
from PIL import Image

from cdss.datasets import lidc
from cdss.evaluation.blobs import blobs
from cdss.evaluation.patches import level, look, off_middle, sensitivity, whole


def where_from_the_corner(stack: np.ndarray) -> np.ndarray:
    """A net that has learnt the middle of a crop and nothing else: 1 in the cell 32 cells down and right, else 0."""
    scores = np.zeros((stack.shape[1] // 2, stack.shape[2] // 2), np.float32)
    scores[32, 32] = 1
    return scores


def test_a_bright_ball_scores_above_its_periphery_wherever_it_lies(made_lidc: Path) -> None:
    crop = lidc.crops(made_lidc)[0]
    seen = look(blobs, crop)
    assert len(seen.background) == 4
    assert seen.nodule > max(seen.background)
    assert abs(off_middle(blobs, crop) - seen.nodule) < 0.02


def test_who_has_learnt_the_middle_fails_off_the_middle(made_lidc: Path) -> None:
    crop = lidc.crops(made_lidc)[0]
    assert look(where_from_the_corner, crop).nodule == 1
    assert off_middle(where_from_the_corner, crop) == 0


def test_a_nodule_in_the_part_cut_off_is_not_seen(made_lidc: Path) -> None:
    crop = lidc.crops(made_lidc)[0]
    marks = np.zeros((3 * lidc.SIDE, lidc.SIDE), np.uint8)
    marks[2:8, 2:8] = 3
    Image.fromarray(marks).save(crop.folder / "readers" / f"{crop.name}.png")
    assert np.isnan(off_middle(blobs, crop))


def test_a_crop_is_whole_when_no_slice_of_its_stack_is_empty(made_lidc: Path) -> None:
    """The middle one of three slices has 1.5 slices either way, a stack 3.75 mm: enough at 2.5 mm, not at 1.25 mm."""
    crop = lidc.crops(made_lidc)[0]
    marks = np.zeros((3, lidc.SIDE, lidc.SIDE), np.uint8)
    marks[1, 60:68, 60:68] = 3
    Image.fromarray(marks.reshape(-1, lidc.SIDE)).save(crop.folder / "readers" / f"{crop.name}.png")
    assert whole(crop)
    assert not whole(dataclasses.replace(crop, thick_mm=1.25))


def test_sensitivity_is_the_share_above_what_one_window_in_a_hundred_exceeds() -> None:
    background = np.arange(200) / 200
    assert level(background) == 197 / 200  # 198 and 199 exceed it
    assert sensitivity(np.asarray([0.9, 197 / 200, 0.99, 1.0]), background) == 2 / 4
