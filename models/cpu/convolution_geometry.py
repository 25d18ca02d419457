"""How a convolution's windows lie over a map, and what an algorithm for it has to do."""

from __future__ import annotations

from typing import Protocol

import torch.nn.functional as F
from torch import Tensor
from torch.nn.grad import conv2d_input

from ..layers.convolution import Convolution, SameConvolution
from .kernels.compiled import channels_last
from .operation import Activation

Pair = tuple[int, int]


class ConvolutionAlgorithm(Protocol):
    """One convolution of one bottom."""

    def forward(
        self, x: Tensor, bias: Tensor | None, into: Tensor | None, activation: Activation | None
    ) -> Tensor:
        """Return the top, added to `into` (in place) where given, then activated."""
        ...

    def backward(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """Return the gradient at the bottom of (height, width) `size`, added to `into` where given."""
        ...


class Geometry:
    """How a convolution's windows lie: per (height, width), all in cells of the bottom."""

    def __init__(self, layer: Convolution) -> None:
        self.kernel, self.stride, self.pad, self.dilation = (
            (pair[0], pair[1]) for pair in (layer.kernel, layer.stride, layer.pad, layer.dilation)
        )
        self.group = layer.group
        self.same = isinstance(layer, SameConvolution)
        self._same = layer if isinstance(layer, SameConvolution) else None
        self.forward_pad = self.pad if self._same is None else (0, 0)
        self.fuses = self._same is None or self.stride != (1, 1)
        self.backward_pad = (
            self.dilation[0] * (self.kernel[0] - 1) - self.pad[0],
            self.dilation[1] * (self.kernel[1] - 1) - self.pad[1],
        )

    def padded(self, x: Tensor) -> Tensor:
        """Return the map with padding that is not the same on all sides; `forward_pad` is still to come."""
        return x if self._same is None else channels_last(F.pad(x, self._same.around(x.shape[2:])))

    def output_size(self, size: Pair) -> Pair:
        """Return the (height, width) of the top for that of the bottom; there is no dilation."""
        both = zip(size, self.kernel, self.stride, self.pad, strict=True)
        if self._same is not None:
            height, width = (-(-length // stride) for length, _, stride, _ in both)
        else:
            height, width = (
                (length + 2 * pad - kernel) // stride + 1 for length, kernel, stride, pad in both
            )
        return height, width

    def backward(self, gradient: Tensor, weight: Tensor, size: Pair) -> Tensor:
        """Return the gradient at the bottom as PyTorch computes it."""
        left, right, above, below = (0, 0, 0, 0) if self._same is None else self._same.around(size)
        whole = (size[0] + above + below, size[1] + left + right)
        found: Tensor = conv2d_input(  # type: ignore[no-untyped-call]
            (len(gradient), weight.shape[1] * self.group, *whole), weight, gradient,
            self.stride, self.forward_pad, self.dilation, self.group,
        )  # fmt: skip
        return channels_last(found[:, :, above : above + size[0], left : left + size[1]])
