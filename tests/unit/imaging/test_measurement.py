"""The measure against readers: numbers by hand, and balls of known size found by a net whose answers are known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cdss.datasets import lidc
from cdss.evaluation import measurement
from cdss.evaluation.blobs import blobs
from cdss.evaluation.measurement import Sized, consensus, metrics, notes, of_the_net, sized
from cdss.models.lung_nodule.measure import Measured


@dataclass(frozen=True)
class Known:
    """Sees bright blobs and takes each for 6 mm; says what is inside too if it is told to."""

    tells_inside: bool = False

    def see(self, stack: np.ndarray) -> tuple[np.ndarray, ...]:
        scores = blobs(stack)
        inside = (scores / scores.max()).clip(0, 1).astype(np.float32)
        return (scores, np.full_like(scores, 6), inside) if self.tells_inside else (scores, np.full_like(scores, 6))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement, "REPEATS", 10)


def one(readers: float, measured: float | None, kinds: tuple[Any, Any] = (None, None)) -> Sized:
    """A nodule that the net takes for 5 mm."""
    size = None if measured is None else Measured(measured, measured, None, kinds[1])
    return Sized(str(readers), Measured(readers, readers, None, kinds[0]), 5.0, size, 0.8)


NODULES = [
    one(8.0, 9.0, ("solid", "solid")),
    one(10.0, 8.0, ("solid", "part-solid")),
    one(6.0, 6.0, ("ground-glass", None)),
    one(20.0, None),
]


def test_errors_are_those_of_the_nodules_that_were_measured() -> None:
    told = {name: number.value for name, number in metrics(NODULES).items()}
    assert told == pytest.approx({
        "diameter_mae_mm": (1 + 2 + 0) / 3,
        "diameter_bias_mm": (1 - 2 + 0) / 3,
        "diameter_within_1_5_mm": 2 / 3,
        "outline_dice": 0.8,
        "attenuation_agreement": 1 / 2,  # of the two where both tell a kind
    })  # fmt: skip


def test_the_nets_own_diameter_is_judged_on_the_same_nodules() -> None:
    told = of_the_net(NODULES)
    assert told["diameter_mae_mm"].value == pytest.approx((3 + 5 + 1) / 3)
    assert told["diameter_bias_mm"].value == pytest.approx(-3)


def test_the_notes_count_what_was_taken_for_what_and_what_was_not_told() -> None:
    told = list(notes(NODULES))
    assert told[0].startswith("3 of 4 nodules")
    assert "solid by the readers (2): measured as 0 ground-glass, 1 part-solid, 1 solid, 0 not told" in told
    assert "ground-glass by the readers (1): measured as 0 ground-glass, 0 part-solid, 0 solid, 1 not told" in told


def test_without_nodules_there_are_no_numbers() -> None:
    assert metrics([]) == of_the_net([]) == {}
    assert list(notes([])) == ["0 of 0 nodules that the net finds (score 0.1 or more) can be measured"]


@pytest.mark.parametrize(("readers", "least"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_the_consensus_is_at_least_half_of_the_readers(
    readers: int, least: int, made_lidc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crop = lidc.crops(made_lidc)[0]
    object.__setattr__(crop, "readers", readers)
    monkeypatch.setattr(lidc, "marks", lambda _: np.arange(5, dtype=np.uint8))
    assert consensus(crop).tolist() == [count >= least for count in range(5)]


@pytest.mark.parametrize("tells_inside", [False, True])
def test_balls_are_found_and_as_wide_as_the_readers_say(made_lidc: Path, tells_inside: bool) -> None:
    known: Any = Known(tells_inside)
    nodules = sized(known, lidc.crops(made_lidc), {})
    assert len(nodules) == 10
    told = metrics(nodules)
    assert told["diameter_mae_mm"].value < 0.8
    assert told["outline_dice"].value > 0.85
    assert "attenuation_agreement" not in told  # nobody rated these
