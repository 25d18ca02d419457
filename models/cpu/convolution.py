"""Convolutions, with the ReLU that follows them.

A bottom may come in parts, one after the other along the channels: then it is a concatenation that nobody
else reads, and instead of copying the parts together, each meets its share of the weights and the results
add up inside the convolutions. Going backward, each part gets its gradient by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .convolution_geometry import ConvolutionAlgorithm
from .kernels.compiled import channels_last
from .operation import RELU, Activation, Gradients
from .torch_operations import masked_gradient

Pair = tuple[int, int]


@dataclass
class Convolve:
    """A convolution in the plane."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    """The parts of the bottom."""
    tops: tuple[int, ...]
    algorithms: tuple[ConvolutionAlgorithm, ...]
    """One for each part."""
    bias: Tensor | None
    reach: Pair
    """How many cells of the map, its padding included, a window needs."""
    pad: Pair
    activation: Activation | None
    """The ReLU that follows, where the top is what it makes."""
    keeps_top: bool = True
    """Whether `backward` has to mask the gradient, because not all operations that read the top do so."""

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the top; kept are it, to mask the gradient by, and the bottoms' sizes."""
        height, width = bottoms[0].shape[2:]
        self.check(height, width)
        top: Tensor | None = None
        for number, (algorithm, bottom) in enumerate(zip(self.algorithms, bottoms, strict=True), 1):
            last = number == len(self.algorithms)
            top = algorithm.forward(
                channels_last(bottom),
                self.bias if top is None else None,
                top,
                self.activation if last else None,
            )
        assert top is not None
        return [top], (top if self.activation and self.keeps_top else None, (height, width))

    def check(self, height: int, width: int) -> None:
        """Raise ValueError for a bottom on which no window fits."""
        if height + 2 * self.pad[0] < self.reach[0] or width + 2 * self.pad[1] < self.reach[1]:
            raise ValueError(f"a map of {width}x{height} is smaller than the kernel")

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Mask the gradient, and send it through every part's weights, adding to what is there already."""
        arriving = gradients.take(self.tops[0])
        if arriving is None:
            return
        top, size = kept
        gradient = channels_last(masked_gradient(arriving, top, self.activation or RELU))
        for value, algorithm in zip(self.bottoms, self.algorithms, strict=True):
            there = gradients.part_to_add_to(value)
            if there is None:
                gradients.add(value, algorithm.backward(gradient, size, None))
            else:
                there.tensor, there.masked = algorithm.backward(gradient, size, there.tensor), False
