"""The evaluation of crops with a net whose answers are known: worst mistakes, pictures, what worse crops cost."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cdss.datasets import lidc
from cdss.evaluation import lung_nodule
from cdss.evaluation.blobs import blobs
from cdss.evaluation.patches import look
from cdss.evaluation.report import Robustness
from cdss.evaluation.scans import worst
from cdss.evaluation.scans.strains import STRAINS
from cdss.models.artifact import CARD_FILE
from cdss.models.card import Card, read

CARD = Path(lung_nodule.lung_nodule.__file__).parent / CARD_FILE


@dataclass(frozen=True)
class Known:
    """Sees bright blobs; a ball of the made crops is far above any noise."""

    card: Card

    def see(self, stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = blobs(stack)
        return scores, np.full_like(scores, 6)

    def judged(self, stack: np.ndarray) -> np.ndarray:
        return blobs(stack)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lung_nodule.lung_nodule, "load", lambda folder=None: Known(read(CARD)))
    monkeypatch.setattr(lung_nodule, "REPEATS", 10)


@pytest.fixture
def strained(made_lidc: Path, monkeypatch: pytest.MonkeyPatch) -> Robustness:
    monkeypatch.setattr("cdss.evaluation.robustness.REPEATS", 10)
    monkeypatch.setattr(lung_nodule, "STRAINED", 4)
    return lung_nodule.robustness(made_lidc, "patches", lambda progress: None)


def test_a_folder_of_crops_alone_is_evaluated_with_the_keys_that_are_fixed(made_lidc: Path) -> None:
    """No CT without nodules there; the net is the baseline itself, so that both have the same numbers and lines."""
    report = lung_nodule.evaluate(made_lidc, "patches")
    assert (report.n, report.events) == (10 + 40, 10)
    assert "patch_sensitivity_negative_ct" not in report.metrics
    assert report.baselines["bright_blobs"] == {"patch_sensitivity": report.metrics["patch_sensitivity"]}
    (plot,) = report.plots
    assert list(plot.lines) == ["periphery", "bright_blobs"]
    assert plot.lines["periphery"] == plot.lines["bright_blobs"]
    assert plot.lines["periphery"].y[-1] == plot.lines["periphery"].x[-1] == 1
    assert len(lung_nodule.pictures(report, made_lidc)) == len(report.worst)


def test_cv_is_the_fold_that_was_held_out(made_lidc: Path) -> None:
    """Of the made crops two, 5.6 and 7 mm wide."""
    groups = lung_nodule.evaluate(made_lidc, "cv").subgroups
    assert [(each.value, each.n) for each in groups if each.group == "diameter_mm"] == [("< 6", 1), ("6-10", 1)]


def test_each_strain_has_a_row_and_a_bright_ball_is_found_under_all(strained: Robustness) -> None:
    assert [row.strain for row in strained.rows] == list(STRAINS)
    assert strained.n == 4
    for row in strained.rows:
        assert row.metrics["patch_sensitivity"].value == 1, row.strain
        assert set(row.metrics) == {"patch_sensitivity", "nodules_marked", "windows_marked"}


def test_nodules_below_the_threshold_are_missed_and_windows_above_it_false_alarms(made_lidc: Path) -> None:
    """The ball lies in the middle of each crop of 128 pixels; a threshold above all scores misses all ten."""
    crops = lidc.crops(made_lidc)
    looks = [look(blobs, crop) for crop in crops]
    missed = worst.of_crops(crops, looks, threshold=2.0)
    assert [each.kind for each in missed] == ["missed"] * 10
    assert [each.score for each in missed] == sorted(each.score for each in missed)
    for each in missed:
        for x0, y0, x1, y1 in (each.wanted[0].box, each.found[0].box):
            assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((64, 64), abs=3)
    false = worst.of_crops(crops, looks, threshold=-1.0)
    assert [each.kind for each in false] == ["false_alarm"] * worst.MOST
    assert false[0].score == max(score for each in looks for score in each.background)
    (x0, y0, x1, y1) = false[0].found[0].box
    assert np.hypot((x0 + x1) / 2 - 64, (y0 + y1) / 2 - 64) * 0.7 > 8, "outside of the nodule"


def test_a_picture_shows_the_slice_of_the_mistake(made_lidc: Path) -> None:
    crops = lidc.crops(made_lidc)
    mistakes = worst.of_crops(crops[:2], [look(blobs, crop) for crop in crops[:2]], threshold=2.0)
    drawn = worst.pictures_of_crops(mistakes, made_lidc)
    assert len(drawn) == 2
    assert all(each.startswith("data:image/jpeg;base64,") for each in drawn)
