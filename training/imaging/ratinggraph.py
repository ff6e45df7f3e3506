"""The ONNX file of the rating: five nets, each with a logistic line of its own, proved equal to torch."""

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cdss.models.artifact import session
from cdss.models.lung_nodule.stack import DEPTH
from cdss.models.lung_nodule_malignancy.window import SIDE
from cdss.training.imaging.ratingnet import RatingNet
from cdss.training.imaging.ship import ParityFailure

GIVEN, TOLD = ("windows", "diameters"), "probability"
AT_ONCE = 32  # nodules given to the nets


class Shipped(nn.Module):
    """(n, nets) the calibrated probability of each net, for windows (n, DEPTH, SIDE, SIDE) and diameters (n,) in mm."""

    def __init__(self, nets: list[RatingNet], lines: NDArray[np.float64]) -> None:
        """`lines` (nets, 3): a constant, the weight of the logit, the weight of the logarithm of the diameter."""
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.lines = nn.Buffer(torch.from_numpy(lines).float())

    def forward(self, windows: Tensor, diameters: Tensor) -> Tensor:
        logits = torch.stack([viewed(net, windows) for net in self.nets], 1)
        constant, weight, size = self.lines.unbind(1)
        return (constant + weight * logits + size * diameters.log()[:, None]).sigmoid()


def viewed(net: nn.Module, windows: Tensor) -> Tensor:
    """(n,) the mean logit of malignancy of the windows and their mirror image."""
    told: Tensor = (net(windows).ratings[:, 0] + net(windows.flip(3)).ratings[:, 0]) / 2
    return told


def export(shipped: Shipped, path: Path) -> None:
    """Write the ONNX file, for any number of nodules."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            shipped.cpu().eval(),
            (torch.rand(2, DEPTH, SIDE, SIDE), torch.full((2,), 8.0)),
            path,
            input_names=list(GIVEN),
            output_names=[TOLD],
            dynamic_axes={name: {0: "nodules"} for name in (*GIVEN, TOLD)},
            opset_version=17,
            dynamo=False,
        )


@torch.no_grad()
def proof(
    shipped: Shipped, path: Path, windows: NDArray[np.float32], diameters: NDArray[np.float32], most: float
) -> dict[str, float]:
    """The largest difference between torch and the file, over all nodules; ParityFailure above `most`."""
    file, worst = session(path), 0.0
    for at in range(0, len(windows), AT_ONCE):
        part = windows[at : at + AT_ONCE], diameters[at : at + AT_ONCE]
        found = file.run(None, dict(zip(GIVEN, part, strict=True)))[0]
        off = float(np.abs(shipped(*map(torch.from_numpy, part)).numpy() - found).max())
        if not off <= most:  # nan is no proof either
            raise ParityFailure(f"found a difference of {off} in {TOLD}, expected at most {most}")
        worst = max(worst, off)
    return {f"parity_{TOLD}": worst}
