"""How one convolution is computed, forward and backward, in the way that is fastest for it.

    FusedAlgorithm       oneDNN's, with weights in the order it likes; the ReLU, and the addition to what is
                         there already, are done on the way out
    DepthwiseAlgorithm   every channel by itself, with a stride: a kernel of our own (kernels/depthwise.py)
    WinogradAlgorithm    windows of 3x3 in float32, with fewer products (winograd_convolution.py)
    PlainAlgorithm       whatever else there is: groups of channels, machines without oneDNN

The gradient of a convolution of stride 1 is a convolution with the flipped weights, for which oneDNN's
forward code is faster, and can add. That of a convolution with stride s of few channels, the first of every
network, is computed as one of stride 1 whose tops are blocks of s x s pixels:

    pixels   0 1 | 2 3 | 4 5 | 6 7      kernel of 3, stride 2: as a kernel of 2 blocks (the last pixel's
    blocks    0     1     2     3       weight is 0): block b gets something from the tops b - 1 and b

or, where the numbers of a block would leave vectors half empty, by kernels/strided.py.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..layers.convolution import Convolution
from ..torch_internals import FusedConvolution, convolve, fuses_convolutions
from .convolution_geometry import ConvolutionAlgorithm, Geometry, Pair
from .kernels.compiled import channels_last, empty_map
from .kernels.depthwise import depthwise, depthwise_backward
from .kernels.pixels import from_blocks
from .kernels.strided import StridedGradient, sends_less
from .operation import Activation
from .winograd_convolution import WinogradAlgorithm, suits_winograd

MOST_BLOCK_CHANNELS = 64  # beyond, blocks of pixels are too wide to be worth it


def choose_algorithm(layer: Convolution, weight: Tensor) -> ConvolutionAlgorithm:
    """Return the algorithm for a layer's weights (or for some of its input channels)."""
    geometry = Geometry(layer)
    alone = layer.group == weight.shape[0] and weight.shape[1] == 1
    if alone and geometry.stride != (1, 1) and geometry.dilation == (1, 1):
        return DepthwiseAlgorithm(geometry, weight)
    fuses = (layer.group == 1 or alone) and fuses_convolutions(weight.dtype) and geometry.fuses
    whole = FusedAlgorithm(geometry, weight) if fuses else PlainAlgorithm(geometry, weight)
    return WinogradAlgorithm(geometry, weight, whole) if suits_winograd(geometry, weight) else whole


class PlainAlgorithm:
    """PyTorch's own operations, one after the other."""

    def __init__(self, geometry: Geometry, weight: Tensor) -> None:
        self._geometry, self._weight = geometry, weight

    def forward(
        self, x: Tensor, bias: Tensor | None, into: Tensor | None, activation: Activation | None
    ) -> Tensor:
        """See ConvolutionAlgorithm."""
        at, limit = self._geometry, None if activation is None else activation.limit
        pad = at.forward_pad
        return convolve(at.padded(x), self._weight, bias, into, limit, at.stride, pad, at.dilation, at.group)

    def backward(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See ConvolutionAlgorithm."""
        found = self._geometry.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


class DepthwiseAlgorithm:
    """Every channel by itself, with a stride."""

    def __init__(self, geometry: Geometry, weight: Tensor) -> None:
        self._geometry = geometry
        self._weight = weight[:, 0].permute(1, 2, 0).float().contiguous().numpy()
        self._no_bias = torch.zeros(len(weight))

    def forward(
        self, x: Tensor, bias: Tensor | None, into: Tensor | None, activation: Activation | None
    ) -> Tensor:
        """See ConvolutionAlgorithm."""
        at, size = self._geometry, self._geometry.output_size((x.shape[2], x.shape[3]))
        limits = (-math.inf, math.inf) if activation is None or into is not None else (0.0, activation.limit)
        constant = (self._no_bias if bias is None else bias).float().numpy()
        top = depthwise(x, self._weight, constant, size, at.stride, at.pad, limits)
        if into is None:
            return top
        return into.add_(top) if activation is None else into.add_(top).clamp_(0, activation.limit)

    def backward(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See ConvolutionAlgorithm."""
        found = depthwise_backward(gradient, self._weight, size, self._geometry.stride, self._geometry.pad)
        return found if into is None else into.add_(found)


class FusedAlgorithm:
    """oneDNN's convolution."""

    def __init__(self, geometry: Geometry, weight: Tensor) -> None:
        self._geometry, self._weight = geometry, weight
        group, pad = geometry.group, geometry.forward_pad
        self._forward = FusedConvolution(weight, geometry.stride, pad, geometry.dilation, group)
        self._backward = self._blocks = self._strided = None
        few = group == 1 and weight.shape[1] * geometry.stride[0] ** 2 <= MOST_BLOCK_CHANNELS
        # Padding beyond the kernel's reach makes tops that see nothing but padding: they are left out.
        self._unseen = (max(0, -geometry.backward_pad[0]), max(0, -geometry.backward_pad[1]))
        if geometry.stride == (1, 1):
            pad = (max(0, geometry.backward_pad[0]), max(0, geometry.backward_pad[1]))
            self._backward = FusedConvolution(flipped(weight, group), (1, 1), pad, geometry.dilation, group)
        elif few and geometry.stride[0] == geometry.stride[1] and geometry.dilation == (1, 1):
            if sends_less(weight, geometry.stride[0]):
                self._strided = StridedGradient(weight, geometry.stride[0])
                return
            whole = in_blocks(weight, geometry.stride[0])
            reach = (whole.shape[2] - 1, whole.shape[3] - 1)
            self._blocks = FusedConvolution(flipped(whole, 1), (1, 1), reach, (1, 1), 1)

    def forward(
        self, x: Tensor, bias: Tensor | None, into: Tensor | None, activation: Activation | None
    ) -> Tensor:
        """See ConvolutionAlgorithm."""
        return self._forward(
            self._geometry.padded(x), bias, into, None if activation is None else activation.limit
        )

    def backward(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See ConvolutionAlgorithm."""
        if self._backward is not None:
            if any(self._unseen):
                y, x = self._unseen
                gradient = channels_last(gradient[:, :, y : gradient.shape[2] - y, x : gradient.shape[3] - x])
            return self._backward(gradient, None, into, None)
        if self._strided is not None:
            below = empty_map(gradient, self._weight.shape[1], *size) if into is None else into
            self._strided.send(gradient, below, self._geometry.pad, 0, add=into is not None)
            return below
        if self._blocks is not None:
            blocks = self._blocks(gradient, None, None, None)
            found = from_blocks(blocks, size, self._geometry.pad, self._weight.shape[1])
        else:
            found = self._geometry.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


def flipped(weight: Tensor, group: int) -> Tensor:
    """Return the weight of the backward convolution: flipped in the plane, inputs and outputs exchanged.

    In groups, each channel is by itself.
    """
    flipped = weight.flip(2, 3)
    return flipped if group > 1 else flipped.transpose(0, 1)


def in_blocks(weight: Tensor, side: int) -> Tensor:
    """Return (outputs, channels, kh, kw) as (outputs, channels * side^2, blocks, blocks)."""
    lacking = [-length % side for length in weight.shape[2:]]
    return F.pixel_unshuffle(F.pad(weight, (0, lacking[1], 0, lacking[0])), side)
