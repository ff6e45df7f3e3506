"""How unlike the films of training a film is: a Gaussian around what the net's backbone makes of them.

The means of the backbone's three maps over the whole film, as probabilistic principal components (Tipping and Bishop
1999, J R Stat Soc B 61:611): the first AXES have their own variance, all others share one. It asks whether the picture
is like the films of training, not whether its body part was among them: a rare film of a limb may be unlike, too.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from cdss.models.card import Threshold
from cdss.models.fracture.scope import THRESHOLD
from cdss.training.imaging.detector import Committee, Detector
from cdss.training.imaging.films import Stock
from cdss.training.imaging.lite0 import Lite0
from cdss.training.imaging.reader import MIDDLE, smaller

AXES = 64  # of the 472 means; 32 did as well
# Times the most unlike film of validation: a limb that is refused is worse than a stranger that is read.
MARGIN = 1.1
LEAST_SPREAD = 1e-4  # of a mean; a map that is the same on all films tells nothing

Means = NDArray[np.float64]


class Scope(nn.Module):
    """Films (n, 1, h, w) in [0, 1], h and w multiples of 32, to unlikeness (n,): its mean over films of training is 1.

    It is the squared Mahalanobis distance divided by the number of means.
    """

    middle: Tensor
    spread: Tensor
    axes: Tensor
    variances: Tensor
    shared: Tensor

    def __init__(self, backbone: Lite0, means: Means) -> None:
        """`means` (films, maps) of the films of training, as `pooled` gives them."""
        super().__init__()
        self.backbone = backbone
        middle, spread = means.mean(0), means.std(0).clip(LEAST_SPREAD)
        variances, axes = np.linalg.eigh(np.cov((means - middle) / spread, rowvar=False))
        own = min(AXES, len(means) // 4)  # more of them than films allow would leave nothing for the rest
        for name, value in {
            "middle": middle,
            "spread": spread,
            "axes": axes[:, -own:],
            "variances": variances[-own:],
            "shared": variances[:-own].mean(keepdims=True),
        }.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value)).float())

    def forward(self, films: Tensor) -> Tensor:
        """The whole film counts, its surroundings too."""
        away = (pooled(self.backbone, films) - self.middle) / self.spread
        along = away @ self.axes
        rest = (away**2).sum(1) - (along**2).sum(1)
        told: Tensor = ((along**2 / self.variances).sum(1) + rest / self.shared) / away.shape[1]
        return told


class Scoped(nn.Module):
    """What is shipped, and one more answer, the last: unlikeness (n,)."""

    def __init__(self, shipped: nn.Module, scope: Scope) -> None:
        super().__init__()
        self.shipped, self.scope = shipped, scope

    def forward(self, films: Tensor) -> tuple[Tensor, ...]:
        """All answers at once."""
        return *self.shipped(films), self.scope(films)


def pooled(backbone: Lite0, films: Tensor) -> Tensor:
    """(n, maps) mean of each of the backbone's maps, at the scale at which a film is judged as a whole."""
    times, of = MIDDLE
    maps, _ = backbone(smaller(avg_pool2d(films, 2), films, times, 2 * of))
    return torch.cat([each.mean((2, 3)) for each in maps], 1)


@torch.no_grad()
def fitted(net: Detector | Committee, stock: Stock) -> Scope:
    """The scope of a net (of a committee's first member) whose films of training are `stock`."""
    first = net.members[0] if isinstance(net, Committee) else net
    assert isinstance(first, Detector)
    backbone = first.backbone.cpu().eval()
    rows = [pooled(backbone, film)[0].double().numpy() for film in map(_ready, stock.images)]
    return Scope(backbone, np.stack(rows)).eval()


@torch.no_grad()
def chosen(scope: Scope, stock: Stock) -> Threshold:
    """The card's threshold: what is above it is refused."""
    most = max(scope(_ready(image)).item() for image in stock.images)
    return Threshold(
        name=THRESHOLD,
        value=MARGIN * most,
        chosen=f"{MARGIN - 1:.0%} above the unlikeness of the most unlike validation film; what is above is refused",
    )


def _ready(image: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(image)[None, None].float() / 255
