"""Operations made of the compiled kernels: max pooling and LRN across channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..layers.pooling import output_length
from .kernels.compiled import channels_last, empty_map
from .kernels.lrn import lrn, lrn_backward
from .kernels.max_pool import max_pool, max_pool_backward
from .operation import Gradients

Pair = tuple[int, int]
Rows = tuple[int, int]
"""The first row and the one after the last."""


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
        size, kernel = self.windows(below)
        top, taps = max_pool(bottoms[0], size, kernel, self.stride, self.pad, rectified=self.rectified)
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

    def windows(self, below: Pair) -> tuple[Pair, Pair]:
        """Return the (height, width) of the top for that of the bottom, and the window's own.

        Raises ValueError where no window fits.
        """
        kernel = self.kernel
        if self.limited:
            kernel = (min(kernel[0], below[0]), min(kernel[1], below[1]))
        rows, columns = (
            output_length(length, k, s, p, self.ceil, any(self.pad))
            for length, k, s, p in zip(below, kernel, self.stride, self.pad, strict=True)
        )
        if min(rows, columns) < 1:
            raise ValueError(f"a map of {below[1]}x{below[0]} is smaller than the pooling window")
        return (rows, columns), kernel

    def rows_read(self, rows: Rows, height: int, kernel: Pair) -> Rows:
        """Return the bottom's rows, at least one, that the windows of the top's rows lie on."""
        start = rows[0] * self.stride[0] - self.pad[0]
        end = (rows[1] - 1) * self.stride[0] - self.pad[0] + kernel[0]
        first = min(max(0, start), height - 1)
        return first, max(first + 1, min(height, end))

    def forward_rows(
        self, part: Tensor, part_first: int, first: int, kernel: Pair, into: tuple[Tensor, Tensor]
    ) -> None:
        """Write the maxima and taps of the top's rows from `first` on, of which `into` are the places.

        `part` has the rows of the bottom that they read, from `part_first` on.
        """
        pad = (part_first - first * self.stride[0] + self.pad[0], self.pad[1])
        size = (into[0].shape[2], into[0].shape[3])
        max_pool(part, size, kernel, self.stride, pad, rectified=self.rectified, into=into)

    def backward_rows(self, gradient: Tensor, taps: Tensor, rows: Rows, size: Pair, kernel: Pair) -> Tensor:
        """Return the gradient at some rows of a bottom of (height, width) `size`, 0 where they lie beyond."""
        sent = empty_map(gradient, gradient.shape[1], rows[1] - rows[0], size[1])
        first, last = (min(max(row, 0), size[0]) for row in rows)
        stride, pad = self.stride[0], self.pad[0]
        above = min(max(0, (first + pad - kernel[0] + stride) // stride), taps.shape[2] - 1)
        under = max(above + 1, min(taps.shape[2], (last - 1 + pad) // stride + 1))
        sent[:, :, : first - rows[0]] = 0
        sent[:, :, last - rows[0] :] = 0
        if first < last:
            max_pool_backward(
                gradient[:, :, above:under], taps[:, :, above:under], (last - first, size[1]), kernel,
                self.stride, (first + pad - above * stride, self.pad[1]),
                into=sent[:, :, first - rows[0] : last - rows[0]],
            )  # fmt: skip
        return sent


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
        """Apply the derivative written out in layers/derivatives.py."""
        arriving = gradients.take(self.tops[0])
        if arriving is not None:
            gradient = lrn_backward(
                channels_last(arriving.tensor), kept, self.size, self.rate, self.beta, self.k,
                rectified=self.rectified,
            )  # fmt: skip
            gradients.add(self.bottoms[0], gradient, masked=self.rectified)
