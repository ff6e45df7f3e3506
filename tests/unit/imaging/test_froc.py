"""LUNA16's curve on three scans that can be worked out by hand."""

import numpy as np
import pytest

from cdss.evaluation.froc import POINTS, Scan, cpm, curve, hits_at, judge, line, sensitivities, steps

NONE, NO_RADII = np.empty((0, 3)), np.empty(0)


def scan(
    marks: list[tuple[float, float]], nodules: list[float], ignored: list[float] | None = None, radius: float = 2.0
) -> Scan:
    """Everything on one line: marks as (score, x), findings by x."""
    ignored = ignored or []

    def places(xs: list[float]) -> np.ndarray:
        return np.asarray([[x, 0, 0] for x in xs], float).reshape(-1, 3)

    return Scan(
        np.asarray([score for score, _ in marks]),
        places([x for _, x in marks]),
        places(nodules),
        np.full(len(nodules), radius),
        places(ignored),
        np.full(len(ignored), radius),
    )


def test_a_mark_hits_within_the_radius_and_the_strongest_counts() -> None:
    judged = judge(scan([(0.9, 1.9), (0.8, 0.0), (0.7, 2.1)], nodules=[0.0]))
    assert judged.found.tolist() == [0.9]
    assert judged.false.tolist() == [0.7]


def test_marks_on_left_out_findings_are_dropped() -> None:
    judged = judge(scan([(0.9, 50.0)], nodules=[0.0], ignored=[51.0]))
    assert judged.found.tolist() == [-np.inf]
    assert judged.false.tolist() == []


def test_curve_and_cpm_by_hand() -> None:
    """Two scans, two nodules. Marks from the top: .9 false, .8 hit, .7 false, .6 hit.

    False a scan and sensitivity: (0.5, 0), (0.5, 0.5), (1, 0.5), (1, 1).
    At 1/8 and 1/4 the curve is still at 0; at 1/2 it has risen to 0.5; from 1 on it is 1.
    """
    scans = [
        judge(scan([(0.9, 90.0), (0.8, 0.0)], nodules=[0.0])),
        judge(scan([(0.7, 90.0), (0.6, 0.0)], nodules=[0.0])),
    ]
    x, y = curve(scans)
    assert list(zip(x, y, strict=True)) == [(0, 0), (0.5, 0), (0.5, 0.5), (1, 0.5), (1, 1)]
    assert sensitivities(scans).tolist() == [0, 0, 0.5, 1, 1, 1, 1]
    assert cpm(scans) == pytest.approx(4.5 / 7)


def test_scans_without_marks_find_nothing() -> None:
    silent = Scan(np.empty(0), NONE, np.zeros((1, 3)), np.ones(1), NONE, NO_RADII)
    assert cpm([judge(silent)]) == 0


@pytest.mark.parametrize(("rate", "hits"), [(0, 1), (0.5, 2), (0.99, 2), (1, 3), (8, 3)])
def test_hits_at_a_rate_are_those_above_the_false_marks_that_are_not_allowed(rate: float, hits: int) -> None:
    """Two scans with false marks .8 and .6: none allowed, above .8; one, above .6; two, all that were told."""
    assert hits_at(np.asarray([0.9, 0.7, 0.3, -np.inf]), np.asarray([0.6, 0.8]), 2, rate) == hits


def test_a_long_curve_is_drawn_by_some_of_its_steps_and_keeps_its_ends() -> None:
    generator = np.random.default_rng(0)
    x, y = steps(generator.random(300), generator.random(5000), 10)
    drawn = line(x, y)
    assert len(drawn.x) <= POINTS + 2
    top = y[x == 0].max()
    assert (0, round(top, 5)) in list(zip(drawn.x, drawn.y, strict=True)), "what is found before any false mark"
    assert (drawn.x[0], drawn.y[0]) == (0, 0)
    assert (drawn.x[-1], drawn.y[-1]) == (500, 1)
    assert set(zip(drawn.x, drawn.y, strict=True)) <= set(zip(x.round(5), y.round(5), strict=True))
