"""What is shipped: weights in 16 bits where that changes nothing."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from cdss.models.artifact import session
from cdss.training.imaging import ship


def made(path: Path, net: nn.Module) -> None:
    ship.export(net, torch.rand(1, 8, 16, 16), path, "x", {"y": {0: "n"}}, {0: "n"})


def test_rounded_weights_take_half_the_room_and_say_the_same(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net, path = ship.rounded(nn.Sequential(nn.Conv2d(8, 64, 3), nn.ReLU(), nn.Conv2d(64, 8, 3))).eval(), tmp_path / "a"
    made(path, net)
    before, x = path.stat().st_size, np.random.default_rng(0).random((1, 8, 16, 16), np.float32)
    (wanted,) = session(path).run(None, {"x": x})
    ship.halve(path)
    assert path.stat().st_size < 0.55 * before
    np.testing.assert_array_equal(session(path).run(None, {"x": x})[0], wanted)
    assert ship.parity(net, path, "x", [x], {"y": 1e-5})["parity_y"] <= 1e-5


def test_weights_that_16_bits_would_change_stay_as_they_are(tmp_path: Path) -> None:
    torch.manual_seed(3)
    path = tmp_path / "a"
    made(path, nn.Conv2d(8, 64, 3))
    ship.halve(path)
    assert {each.data_type for each in onnx.load(path).graph.initializer} == {onnx.TensorProto.FLOAT}
