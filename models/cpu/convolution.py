"""The step of a convolution, with the rectifier that follows it.

A bottom may come in parts, one after the other along the channels: then it is a concatenation that nobody
else reads, and instead of copying the parts together, each meets its share of the weights and the results
add up inside the convolutions. Going back, each part gets its gradient by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .convolution_algorithms import Kernel
from .kernel_operations import laid_out
from .operation import RELU, Activation, Gradients
from .torch_operations import cut_off

Pair = tuple[int, int]


@dataclass
class Convolve:
    """A convolution in the plane."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    """The parts of the bottom."""
    tops: tuple[int, ...]
    kernels: tuple[Kernel, ...]
    """One for each part."""
    bias: Tensor | None
    reach: Pair
    """How many cells of the map, its padding included, a window needs."""
    pad: Pair
    ends: Activation | None
    """What the rectifier behind does, where the top is what it makes."""
    keeps_top: bool = True
    """Whether `backward` has to cut the gradient, because not all steps behind do so."""

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the top; kept are it, for where the rectifier cut it off, and the bottoms' sizes."""
        height, width = bottoms[0].shape[2:]
        if height + 2 * self.pad[0] < self.reach[0] or width + 2 * self.pad[1] < self.reach[1]:
            raise ValueError(f"a map of {width}x{height} is smaller than the kernel")
        top: Tensor | None = None
        for number, (kernel, bottom) in enumerate(zip(self.kernels, bottoms, strict=True), 1):
            last = number == len(self.kernels)
            top = kernel.forward(
                laid_out(bottom), self.bias if top is None else None, top, self.ends if last else None
            )
        assert top is not None
        return [top], (top if self.ends and self.keeps_top else None, (height, width))

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Cut the gradient, and send it through every part's kernel, adding to what is there already."""
        slope = slopes.take(self.tops[0])
        if slope is None:
            return
        top, size = kept
        gradient = laid_out(cut_off(slope, top, self.ends or RELU))
        for value, kernel in zip(self.bottoms, self.kernels, strict=True):
            there = slopes.growing(value)
            if there is None:
                slopes.add(value, kernel.back(gradient, size, None))
            else:
                there.tensor, there.cut = kernel.back(gradient, size, there.tensor), False
