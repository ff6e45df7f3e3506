"""MONAI as a second opinion: its curve, overlaps and suppression on random input give what ours give."""

import numpy as np
import pytest
import torch
from monai.data.box_utils import box_iou, box_pair_giou, non_max_suppression
from monai.metrics import compute_froc_curve_data, compute_froc_score

from cdss.evaluation.froc import RATES, Judged, sensitivities, steps
from cdss.evaluation.overlap import overlaps
from cdss.models.fracture.boxes import suppress
from cdss.training.imaging import boxloss

SEEDS = range(5)


def boxes(generator: np.random.Generator, count: int) -> np.ndarray:
    """(count, 4) as x0, y0, x1, y1, many of them overlapping."""
    corner = generator.uniform(0, 60, (count, 2))
    return np.hstack([corner, corner + generator.uniform(5, 40, (count, 2))]).astype(np.float32)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_curve_of_false_marks_and_nodules_found(seed: int) -> None:
    """Twelve scans with up to six false marks each. MONAI reads its curve at the rates as we do ours."""
    generator = np.random.default_rng(seed)
    scans = [Judged(generator.uniform(0.3, 1, 2), generator.uniform(0, 1, generator.integers(3, 7))) for _ in range(12)]
    false, found = (np.concatenate([getattr(scan, name) for scan in scans]) for name in ("false", "found"))
    rates, shares = compute_froc_curve_data(false, found, num_targets=len(found), num_images=len(scans))
    asked = tuple(rate for rate in RATES if rate <= rates.max())
    expected = compute_froc_score(rates, shares, eval_thresholds=asked)
    assert sensitivities(scans, asked).mean() == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_curve_with_lesions_that_nothing_finds(seed: int) -> None:
    """Point by point; MONAI lists them from the other end and leaves out the lowest level, at which all is told."""
    generator = np.random.default_rng(seed)
    found, false = generator.uniform(0.2, 1, 30), generator.uniform(0.1, 1, 50)
    found[generator.random(30) < 0.3] = -np.inf
    rates, shares = compute_froc_curve_data(false, found[np.isfinite(found)], num_targets=30, num_images=8)
    x, y = steps(found, false, 8)
    assert x[:-1] == pytest.approx(rates[::-1])
    assert y[:-1] == pytest.approx(shares[::-1])
    assert (x[-1], y[-1]) == (50 / 8, np.isfinite(found).mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_overlaps(seed: int) -> None:
    generator = np.random.default_rng(seed)
    some, others = boxes(generator, 20), boxes(generator, 30)
    assert overlaps(some, others) == pytest.approx(box_iou(some, others), abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_generalised_overlaps(seed: int) -> None:
    """Boxes around one point, told as distances from it."""
    found, wanted = (torch.from_numpy(np.random.default_rng((seed, k)).uniform(1, 30, (40, 4))).float() for k in (0, 1))
    sign = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    assert boxloss.overlaps(found, wanted)[1].numpy() == pytest.approx(
        box_pair_giou(found * sign, wanted * sign).numpy(), abs=1e-5
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_suppression(seed: int) -> None:
    generator = np.random.default_rng(seed)
    found, scores = boxes(generator, 60), generator.permutation(60).astype(np.float32) / 60
    expected = non_max_suppression(found, scores, nms_thresh=0.5, max_proposals=20)
    assert suppress(found, scores, 0.5, 20).tolist() == np.asarray(expected).tolist()
