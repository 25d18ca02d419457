"""Steps made of the compiled loops: max pooling and LRN across channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..layers.pooling import output_length
from .kernels.channel_norm import channel_norm, channel_norm_back
from .kernels.max_pool import max_pool, max_pool_back
from .operation import Gradients

Pair = tuple[int, int]


@dataclass
class MaxPool:
    """Max pooling with Caffe's rules for the edges (layers/pooling.py)."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    kernel: Pair
    stride: Pair
    pad: Pair
    ceil: bool
    limited: bool = False
    """Whether a map smaller than the kernel is pooled as a whole (graph/dense.py)."""
    rectified: bool = False
    """Whether the bottom is a ReLU's output, so that the gradient can be cut on the way."""

    @property
    def cuts(self) -> bool:
        """Whether the gradient it sends is cut already."""
        return self.rectified

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the maxima; kept is where they came from."""
        below = (bottoms[0].shape[2], bottoms[0].shape[3])
        kernel = self.kernel
        if self.limited:
            kernel = (min(kernel[0], below[0]), min(kernel[1], below[1]))
        rows, columns = (
            output_length(length, k, s, p, self.ceil, any(self.pad))
            for length, k, s, p in zip(below, kernel, self.stride, self.pad, strict=True)
        )
        if min(rows, columns) < 1:
            raise ValueError(f"a map of {below[1]}x{below[0]} is smaller than the pooling window")
        top, taps = max_pool(
            bottoms[0], (rows, columns), kernel, self.stride, self.pad, rectified=self.rectified
        )
        return [top], (taps, below, kernel)

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Send every cell's gradient to where its maximum was."""
        slope = slopes.take(self.tops[0])
        if slope is None:
            return
        taps, below, kernel = kept
        gradient = max_pool_back(laid_out(slope.tensor), taps, below, kernel, self.stride, self.pad)
        slopes.add(self.bottoms[0], gradient, cut=self.rectified)


@dataclass
class ChannelNorm:
    """LRN across channels (layers/lrn.py)."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    size: int
    rate: float
    beta: float
    k: float
    rectified: bool = False
    """Whether the bottom is a ReLU's output, so that the gradient can be cut on the way."""

    @property
    def cuts(self) -> bool:
        """Whether the gradient it sends is cut already."""
        return self.rectified

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the normalised map; kept is the bottom."""
        return [channel_norm(bottoms[0], self.size, self.rate, self.beta, self.k)], bottoms[0]

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Apply the derivative written out in layers/lrn.py."""
        slope = slopes.take(self.tops[0])
        if slope is not None:
            gradient = channel_norm_back(
                laid_out(slope.tensor), kept, self.size, self.rate, self.beta, self.k,
                rectified=self.rectified,
            )  # fmt: skip
            slopes.add(self.bottoms[0], gradient, cut=self.rectified)


def laid_out(tensor: Tensor) -> Tensor:
    """Return a map in channels_last order, copied where it is a part of another."""
    return tensor.contiguous(memory_format=torch.channels_last)
