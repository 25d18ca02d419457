"""Operations made of the compiled kernels: max pooling and LRN across channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..layers.pooling import output_length
from .kernels.compiled import channels_last
from .kernels.lrn import lrn, lrn_backward
from .kernels.max_pool import max_pool, max_pool_backward
from .operation import Gradients

Pair = tuple[int, int]


@dataclass
class MaxPool:
    """Max pooling with Caffe's rules for the edges (layers/pooling.py)."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    kernel: Pair
    stride: Pair
    pad: Pair
    ceil: bool
    limited: bool = False
    """Whether a map smaller than the kernel is pooled as a whole (graph/dense.py)."""
    rectified: bool = False
    """Whether the bottom is a ReLU's output, so that the gradient can be masked on the way."""

    @property
    def masks(self) -> bool:
        """Whether the gradient it sends is masked already."""
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

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Send every cell's gradient to where its maximum was."""
        arriving = gradients.take(self.tops[0])
        if arriving is None:
            return
        taps, below, kernel = kept
        gradient = channels_last(arriving.tensor)
        gradient = max_pool_backward(gradient, taps, below, kernel, self.stride, self.pad)
        gradients.add(self.bottoms[0], gradient, masked=self.rectified)


@dataclass
class LRN:
    """LRN across channels (layers/lrn.py)."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    size: int
    rate: float
    beta: float
    k: float
    rectified: bool = False
    """Whether the bottom is a ReLU's output, so that the gradient can be masked on the way."""

    @property
    def masks(self) -> bool:
        """Whether the gradient it sends is masked already."""
        return self.rectified

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the normalised map; kept is the bottom."""
        return [lrn(bottoms[0], self.size, self.rate, self.beta, self.k)], bottoms[0]

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Apply the derivative written out in layers/lrn.py."""
        arriving = gradients.take(self.tops[0])
        if arriving is not None:
            gradient = lrn_backward(
                channels_last(arriving.tensor), kept, self.size, self.rate, self.beta, self.k,
                rectified=self.rectified,
            )  # fmt: skip
            gradients.add(self.bottoms[0], gradient, masked=self.rectified)
