"""The second look at a peak: what it is shown, how both nets' scores become one, and what it learns from."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from cdss.datasets import lidc
from cdss.models import lung_nodule
from cdss.models.artifact import CARD_FILE
from cdss.models.card import CardError
from cdss.models.finding import Nodule
from cdss.models.lung_nodule import load
from cdss.models.lung_nodule.reading import apart
from cdss.models.lung_nodule.second_look import CELL, SIDE, SecondLook, windows
from cdss.models.lung_nodule.stack import DEPTH
from cdss.training.imaging.candidates import in_crop
from cdss.training.imaging.cavities import hollow, wide
from cdss.training.imaging.reducer import Reducer
from cdss.training.imaging.windows import Block, at, block, cut, near

MODEL = Path(lung_nodule.__file__).parent


class Says:
    """A session that gives every window the same score."""

    def __init__(self, score: float) -> None:
        self.score = score

    def run(self, names: None, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert feeds["windows"].shape[1:] == (DEPTH, SIDE, SIDE)
        return [np.full(len(feeds["windows"]), self.score, np.float32)]


def test_a_window_has_its_peak_in_the_middle_and_repeats_the_edge_beyond_the_stack() -> None:
    stack = np.zeros((DEPTH, 80, 96), np.float32)
    stack[:, 40:42, 20:22], stack[:, 0, :] = 1.0, 0.5
    middle, corner = windows(stack, np.asarray([[20, 10], [0, 0]]))
    assert middle.shape == (DEPTH, SIDE, SIDE)
    half = SIDE // 2
    assert middle[:, half - CELL // 2 : half + CELL // 2, half - CELL // 2 : half + CELL // 2].min() == 1
    assert (corner[:, : half - 1, :] == 0.5).all()


@pytest.mark.parametrize(("first", "second", "final"), [(0.5, 0.5, 0.5), (0.9, 0.1, 0.608), (0.2, 0.9, 0.512)])
def test_the_second_look_has_two_fifths_of_the_say(first: float, second: float, final: float) -> None:
    told = SecondLook(Says(second)).scores(
        np.zeros((DEPTH, 64, 64), np.float32), np.asarray([[5, 5]]), np.asarray([first], np.float32)
    )
    assert told[0] == pytest.approx(final, abs=0.001)


def test_without_a_peak_nothing_is_asked() -> None:
    empty = np.empty((0, 2), np.intp)
    assert len(SecondLook(Says(1)).scores(np.zeros((DEPTH, 64, 64), np.float32), empty, np.empty(0, np.float32))) == 0


def lung(neighbours: tuple[lidc.Neighbour, ...] = ()) -> Block:
    """Five slices with an outlined disc in the middle and a bright spot near the upper left corner."""
    y, x = np.mgrid[:128, :128]
    inside = torch.from_numpy((np.hypot(y - 64, x - 64) <= 10).astype(np.float32)).expand(5, 128, 128)
    spot = torch.from_numpy((np.hypot(y - 20, x - 24) <= 3).astype(np.float32))
    return Block(0.1 + 0.6 * inside + 0.8 * spot, inside, 1.25, 0.7, (None,) * 5, neighbours=neighbours)


def bright(stack: np.ndarray) -> np.ndarray:
    middle = stack[DEPTH // 2]
    return middle[: len(middle) // 2 * 2 : 2, ::2].astype(np.float32)


def test_a_false_peak_is_one_clear_of_the_nodule_and_of_other_nodules_in_the_crop() -> None:
    found = list(in_crop(bright, lung(), 0.5))
    assert {each.place[0] for each in found} == set(range(5))
    assert all(np.hypot(each.place[1] - 20, each.place[2] - 24) < 5 for each in found)
    assert not list(in_crop(bright, lung((lidc.Neighbour(20, 24, 3),)), 0.5))


def test_a_hollow_nodule_has_air_inside_and_keeps_its_wall() -> None:
    solid = lung()
    assert wide(solid)
    open_ = hollow(solid, np.random.default_rng(1)).lung
    assert open_[2, 64, 64] < 0.15
    assert open_[2, 64, 55] == pytest.approx(0.7)
    assert torch.equal(open_[2, :50], solid.lung[2, :50])


def test_windows_of_false_peaks_have_them_in_the_middle(made_lidc: Path) -> None:
    generator = np.random.default_rng(2)
    crop = block(lidc.crops(made_lidc)[0])
    stacks = cut([near(crop, generator), at(crop, (1, 20.0, 20.0), generator)], generator).stacks
    middle = stacks[:, DEPTH // 2, 46:50, 46:50].mean((1, 2))
    assert middle[0] > middle[1] + 0.3


def test_the_reducer_gives_one_logit_a_window() -> None:
    assert Reducer(DEPTH).eval()(torch.rand(3, DEPTH, SIDE, SIDE)).shape == (3,)


@pytest.mark.parametrize(("rows_apart", "left"), [(9, 1), (12, 2)])
def test_findings_that_touch_are_one_nodule_the_stronger(rows_apart: float, left: int) -> None:
    """12 mm and 4 mm wide: they touch at 8 mm from middle to middle."""
    found = [Nodule(0.9, (10, 50, 50), 12.0), Nodule(0.7, (10, 50 + rows_apart, 50), 4.0)]
    assert [each.score for each in apart(found, (2.0, 1.0, 1.0))] == [0.9, 0.7][:left]


def test_a_model_without_its_second_net_is_not_loaded_and_says_so(tmp_path: Path) -> None:
    """A folder of version 0.2.0 has none: half a detector would be worse than none, and serving must know it."""
    shutil.copy(MODEL / "model.onnx", tmp_path)
    card = yaml.safe_load((MODEL / CARD_FILE).read_text(encoding="utf-8"))
    (tmp_path / CARD_FILE).write_text(yaml.safe_dump(card | {"companions": {}}), encoding="utf-8")
    with pytest.raises(CardError, match=r"found no second_look\.onnx among the card's companions"):
        load(tmp_path)
