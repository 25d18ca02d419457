"""Windows that lie on one grid in pictures and tiles of every size.

TensorFlow's SAME padding, which many networks of timm were trained with, parts the cells around a map by the
map's own size: with an odd side the windows start a cell earlier than with an even one. A tile's windows
would not be those of the whole picture. Here they lie as they do where the stride divides the side, as in the
Caffe layer SameConvolution (layers/convolution.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


def around(
    size: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> list[int]:
    """Return how many cells of padding a map of (height, width) gets, in the order of F.pad."""
    cells: list[int] = []
    for length, k, s, d in reversed(list(zip(size, kernel, stride, dilation, strict=True))):
        reach = d * (k - 1) + 1
        before = max(reach - s, 0) // 2
        cells += [before, max(0, (-(-length // s) - 1) * s + reach - length - before)]
    return cells


class Conv2dOnGrid(nn.Conv2d):
    """A convolution with SAME padding."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c, ceil(h / stride), ceil(w / stride))."""
        padding = around(x.shape[2:], self.kernel_size, self.stride, self.dilation)
        return F.conv2d(F.pad(x, padding), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class MaxPool2dOnGrid(nn.MaxPool2d):
    """Max pooling with SAME padding, which is never the largest."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c, ceil(h / stride), ceil(w / stride))."""
        kernel, stride, dilation = (_pair(each) for each in (self.kernel_size, self.stride, self.dilation))
        padded = F.pad(x, around(x.shape[2:], kernel, stride, dilation), value=-float("inf"))
        pooled: Tensor = F.max_pool2d(padded, kernel, stride, 0, dilation)
        return pooled


class AvgPool2dOnGrid(nn.AvgPool2d):
    """Average pooling with SAME padding, whose zeros count."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c, ceil(h / stride), ceil(w / stride))."""
        kernel, stride = _pair(self.kernel_size), _pair(self.stride)
        return F.avg_pool2d(F.pad(x, around(x.shape[2:], kernel, stride, (1, 1))), kernel, stride)


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def keep_on_grid(model: nn.Module) -> None:
    """Have a model's layers with SAME padding pad as here; its weights stay where they are."""
    from timm.layers import AvgPool2dSame, Conv2dSame
    from timm.layers.pool2d_same import MaxPool2dSame

    kinds = {Conv2dSame: Conv2dOnGrid, MaxPool2dSame: MaxPool2dOnGrid, AvgPool2dSame: AvgPool2dOnGrid}
    for module in model.modules():
        other = kinds.get(type(module))
        if other is not None:
            module.__class__ = other
