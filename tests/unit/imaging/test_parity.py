"""An exported net is shipped only if it says what torch says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cdss.training.imaging import ship

MOST = {"double": 1e-5, "half": 1e-5}


class Pair(nn.Module):
    """Twice the input and half of it."""

    def __init__(self, times: float = 2.0) -> None:
        super().__init__()
        self.times = nn.Parameter(torch.tensor(times))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self.times, x / 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    free = {0: "rows"}
    ship.export(Pair(), torch.rand(2, 3), tmp_path / "pair.onnx", "x", {"double": free, "half": free}, free)
    return tmp_path / "pair.onnx"


def inputs() -> list[np.ndarray]:
    return [np.random.default_rng(n).uniform(0, 1, (n + 1, 3)).astype(np.float32) for n in range(3)]


def test_the_differences_are_told_by_name(path: Path) -> None:
    assert set(ship.parity(Pair(), path, "x", inputs(), MOST)) == {"parity_double", "parity_half"}


def test_another_net_is_refused_and_the_difference_said(path: Path) -> None:
    with pytest.raises(ship.ParityFailure, match=r"found differences .*double.* expected at most"):
        ship.parity(Pair(2.001), path, "x", inputs(), MOST)


def test_what_is_no_number_is_no_proof(path: Path) -> None:
    with pytest.raises(ship.ParityFailure):
        ship.parity(Pair(float("nan")), path, "x", inputs(), MOST)
