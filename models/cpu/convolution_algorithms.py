"""How one convolution is computed, forward and back to its bottom, in the way that is fastest for it.

    Packed    oneDNN's kernels with weights in the order they like, the rectifier and the addition to what is
              there already done on the way out
    Strided   every channel by itself, with a stride: loops of our own (kernels/depthwise.py)
    Plain     whatever else there is: groups of channels, machines without oneDNN

Going back through a convolution of stride 1 is a convolution with the kernel turned round, for which oneDNN's
forward kernels are faster and can add. A convolution with stride s of few channels, the first of every
network, goes back as one of stride 1 whose tops are blocks of s x s pixels:

    pixels   0 1 | 2 3 | 4 5 | 6 7      kernel of 3, stride 2: as a kernel of 2 blocks (the last pixel's
    blocks    0     1     2     3       weight is 0): block b gets something from the tops b - 1 and b

Measured for SqueezeNet's conv1 (7x7, stride 2, 3 channels, 864 x 704, bf16): 22 ms by PyTorch's backward,
3 + 2 this way.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.grad import conv2d_input

from ..layers.convolution import Convolution, SameConvolution
from ..torch_internals import FusedConvolution, convolve, fuses_convolutions
from .kernel_operations import laid_out
from .kernels.depthwise import depthwise, depthwise_back
from .kernels.pixels import from_blocks
from .operation import Activation

Pair = tuple[int, int]
_MOST_BLOCK_CHANNELS = 64  # beyond, blocks of pixels are too wide to be worth it


class Kernel(Protocol):
    """One convolution of one bottom."""

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, ends: Activation | None) -> Tensor:
        """Return the top, added to `into` (in place) where given, and between the `ends` of a rectifier."""
        ...

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """Return the gradient at the bottom of (height, width) `size`, added to `into` where given."""
        ...


def kernel_for(layer: Convolution, weight: Tensor) -> Kernel:
    """Return the kernel for a layer's weights (or for some of its input channels)."""
    place = Place(layer)
    alone = layer.group == weight.shape[0] and weight.shape[1] == 1
    if alone and place.stride != (1, 1) and place.dilation == (1, 1):
        return Strided(place, weight)
    if (layer.group != 1 and not alone) or not fuses_convolutions(weight.dtype) or not place.packs:
        return Plain(place, weight)
    return Packed(place, weight)


class Place:
    """Where a convolution's windows lie: per (height, width), all in cells of the bottom."""

    def __init__(self, layer: Convolution) -> None:
        self.kernel, self.stride, self.pad, self.dilation = (
            (pair[0], pair[1]) for pair in (layer.kernel, layer.stride, layer.pad, layer.dilation)
        )
        self.group = layer.group
        self._same = layer if isinstance(layer, SameConvolution) else None
        self.pad_of_forward = self.pad if self._same is None else (0, 0)
        self.packs = self._same is None or self.stride != (1, 1)
        self.turned_pad = (
            self.dilation[0] * (self.kernel[0] - 1) - self.pad[0],
            self.dilation[1] * (self.kernel[1] - 1) - self.pad[1],
        )

    def padded(self, x: Tensor) -> Tensor:
        """Return the map with padding that is not the same on all sides; `pad_of_forward` is to come."""
        return x if self._same is None else laid_out(F.pad(x, self._same.around(x.shape[2:])))

    def tops(self, size: Pair) -> Pair:
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
        """Return the gradient at the bottom by PyTorch's own way."""
        left, right, above, below = (0, 0, 0, 0) if self._same is None else self._same.around(size)
        whole = (size[0] + above + below, size[1] + left + right)
        found: Tensor = conv2d_input(  # type: ignore[no-untyped-call]
            (len(gradient), weight.shape[1] * self.group, *whole), weight, gradient,
            self.stride, self.pad_of_forward, self.dilation, self.group,
        )  # fmt: skip
        return laid_out(found[:, :, above : above + size[0], left : left + size[1]])


class Plain:
    """PyTorch's own operations, one after the other."""

    def __init__(self, place: Place, weight: Tensor) -> None:
        self._place, self._weight = place, weight

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, ends: Activation | None) -> Tensor:
        """See Kernel."""
        at, limit = self._place, None if ends is None else ends.most
        pad = at.pad_of_forward
        return convolve(at.padded(x), self._weight, bias, into, limit, at.stride, pad, at.dilation, at.group)

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See Kernel."""
        found = self._place.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


class Strided:
    """Every channel by itself, with a stride."""

    def __init__(self, place: Place, weight: Tensor) -> None:
        self._place = place
        self._weight = weight[:, 0].permute(1, 2, 0).float().contiguous().numpy()
        self._no_bias = torch.zeros(len(weight))

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, ends: Activation | None) -> Tensor:
        """See Kernel."""
        at, size = self._place, self._place.tops((x.shape[2], x.shape[3]))
        limits = (-math.inf, math.inf) if ends is None or into is not None else (0.0, ends.most)
        constant = (self._no_bias if bias is None else bias).float().numpy()
        top = depthwise(x, self._weight, constant, size, at.stride, at.pad, limits)
        if into is None:
            return top
        return into.add_(top) if ends is None else into.add_(top).clamp_(0, ends.most)

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See Kernel."""
        found = depthwise_back(gradient, self._weight, size, self._place.stride, self._place.pad)
        return found if into is None else into.add_(found)


class Packed:
    """oneDNN's convolution, with weights packed for the size they meet."""

    def __init__(self, place: Place, weight: Tensor) -> None:
        self._place, self._weight = place, weight
        group, pad = place.group, place.pad_of_forward
        self._forward = FusedConvolution(weight, place.stride, pad, place.dilation, group)
        self._back = self._blocks = None
        few = group == 1 and weight.shape[1] * place.stride[0] ** 2 <= _MOST_BLOCK_CHANNELS
        # Padding beyond the kernel's reach makes tops that see nothing but padding: they are left out.
        self._unseen = (max(0, -place.turned_pad[0]), max(0, -place.turned_pad[1]))
        if place.stride == (1, 1):
            pad = (max(0, place.turned_pad[0]), max(0, place.turned_pad[1]))
            self._back = FusedConvolution(_turned(weight, group), (1, 1), pad, place.dilation, group)
        elif few and place.stride[0] == place.stride[1] and place.dilation == (1, 1):
            whole = _in_blocks(weight, place.stride[0])
            reach = (whole.shape[2] - 1, whole.shape[3] - 1)
            self._blocks = FusedConvolution(_turned(whole, 1), (1, 1), reach, (1, 1), 1)

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, ends: Activation | None) -> Tensor:
        """See Kernel."""
        return self._forward(self._place.padded(x), bias, into, None if ends is None else ends.most)

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See Kernel."""
        if self._back is not None:
            if any(self._unseen):
                y, x = self._unseen
                gradient = laid_out(gradient[:, :, y : gradient.shape[2] - y, x : gradient.shape[3] - x])
            return self._back(gradient, None, into, None)
        if self._blocks is not None:
            blocks = self._blocks(gradient, None, None, None)
            found = from_blocks(blocks, size, self._place.pad, self._weight.shape[1])
        else:
            found = self._place.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


def _turned(weight: Tensor, group: int) -> Tensor:
    """Return the weight that goes back: turned round in the plane, inputs and outputs exchanged.

    In groups, each channel is by itself.
    """
    turned = weight.flip(2, 3)
    return turned if group > 1 else turned.transpose(0, 1)


def _in_blocks(weight: Tensor, side: int) -> Tensor:
    """Return (outputs, channels, kh, kw) as (outputs, channels * side^2, blocks, blocks)."""
    lacking = [-length % side for length in weight.shape[2:]]
    return F.pixel_unshuffle(F.pad(weight, (0, lacking[1], 0, lacking[0])), side)
