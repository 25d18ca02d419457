"""Convolutions of 3x3 windows in float32, computed with fewer products (kernels/winograd.py).

Matrix products run at the peak of a machine, and so do oneDNN's direct convolutions: only fewer products make
them faster. oneDNN has no such way for float32 since its third version. In bf16, where that is fast, its
convolutions are faster than these.

A map of a few tiles is not worth the transformed weights, which are four times as many: it is left to another
algorithm.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from .convolution_geometry import ConvolutionAlgorithm, Geometry, Pair
from .kernels.vectors import LANES
from .kernels.winograd import WinogradWeights, number_of_tiles, winograd
from .operation import Activation

_WORTH_TRANSFORMING = 16  # tiles


def suits_winograd(geometry: Geometry, weight: Tensor) -> bool:
    """Tell whether a convolution can be computed so, and is faster so in one direction at least."""
    plain = geometry.stride == geometry.dilation == (1, 1) and geometry.group == 1 and not geometry.same
    fits = plain and geometry.kernel == (3, 3) and max(geometry.pad) <= 2 and weight.dtype == torch.float32
    outputs, channels = weight.shape[:2]
    return fits and (_is_faster(channels, outputs) or _is_faster(outputs, channels))


def _is_faster(channels: int, outputs: int) -> bool:
    return channels % LANES == 0 and (outputs % LANES == 0 or channels >= 2 * LANES)


class WinogradAlgorithm:
    """A convolution that `suits_winograd`, with another algorithm where it is not worth it.

    That is on small maps, and where channels leave vectors empty, as those of pictures do.
    The gradient is the convolution with the flipped weights.
    """

    def __init__(self, geometry: Geometry, weight: Tensor, otherwise: ConvolutionAlgorithm) -> None:
        self._pad, self._weight, self._otherwise = geometry.pad, weight, otherwise
        self._backward_pad = geometry.backward_pad
        outputs, channels = weight.shape[:2]
        self._forward_is_faster = _is_faster(channels, outputs)
        self._backward_is_faster = _is_faster(outputs, channels)

    @cached_property
    def _forward(self) -> WinogradWeights:
        return WinogradWeights(self._weight)

    @cached_property
    def _backward(self) -> WinogradWeights:
        return WinogradWeights(self._weight.flip(2, 3).transpose(0, 1))

    def forward(
        self, x: Tensor, bias: Tensor | None, into: Tensor | None, activation: Activation | None
    ) -> Tensor:
        """See ConvolutionAlgorithm."""
        if not self._forward_is_faster or number_of_tiles(x, self._pad) < _WORTH_TRANSFORMING:
            return self._otherwise.forward(x, bias, into, activation)
        limit = None if activation is None else activation.limit
        return winograd(x, self._forward, bias, into, limit, self._pad)

    def backward(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See ConvolutionAlgorithm."""
        few = number_of_tiles(gradient, self._backward_pad) < _WORTH_TRANSFORMING
        if few or not self._backward_is_faster:
            return self._otherwise.backward(gradient, size, into)
        return winograd(gradient, self._backward, None, into, None, self._backward_pad)
