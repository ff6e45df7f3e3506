"""A depthwise 5 x 5 convolution whose backward pass is fast on a CPU.

oneDNN's own weight gradient of 5 x 5 takes eight times as long as that of 3 x 3, a third of a whole training step of
Lite0. Here it is put together from four overlapping 3 x 3 ones.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn

PAD = 2  # keeps the size at stride 1
TILES = ((0, 0), (0, 2), (2, 0), (2, 2))  # first row and column of the 3 x 3 parts that cover 5 x 5


def depthwise(x: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """x (n, c, h, w), weight (c, 1, 5, 5), bias (c,)."""
    return cast(Tensor, Depthwise.apply(x, weight, bias, stride))  # type: ignore[no-untyped-call]


class Depthwise(torch.autograd.Function):
    """The convolution and its gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
        """The convolution as it is."""
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return nn.functional.conv2d(x, weight, bias, stride, PAD, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """Gradients of x, weight and bias."""
        (gradient,) = gradients
        x, weight = ctx.saved_tensors
        given = _part(gradient, x, weight, ctx.stride, PAD, which=0)
        return given, _weight(gradient, x, weight, ctx.stride), gradient.sum((0, 2, 3)), None


def _weight(gradient: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    padded = nn.functional.pad(x, (PAD,) * 4)
    rows, columns = (stride * (length - 1) + 3 for length in gradient.shape[2:])
    whole = torch.empty_like(weight)
    for row, column in TILES:
        seen = padded[:, :, row : row + rows, column : column + columns]
        part = weight[:, :, row : row + 3, column : column + 3]
        whole[:, :, row : row + 3, column : column + 3] = _part(gradient, seen, part, stride, 0, which=1)
    return whole


def _part(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, pad: int, which: int) -> Tensor:
    """The gradient of x (`which` 0) or of the weight (1)."""
    groups, wanted = len(weight), [which == 0, which == 1, False]
    found = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups, wanted
    )
    return cast(Tensor, found[which])
