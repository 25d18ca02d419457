"""How one convolution is computed, forward and back to its bottom, in the way that is fastest for it.

    Packed    oneDNN's kernels with weights in the order they like, the ReLU and the addition to what is there
              already done on the way out
    Plain     whatever else there is: groups, machines without oneDNN

Going back through a convolution of stride 1 is a convolution with the kernel turned round, for which oneDNN's
forward kernels are faster and can add. A convolution with stride s of few channels, the first of every
network, goes back as one of stride 1 whose tops are blocks of s x s pixels:

    pixels   0 1 | 2 3 | 4 5 | 6 7      kernel of 3, stride 2: as a kernel of 2 blocks (the last pixel's
    blocks    0     1     2     3       weight is 0): block b gets something from the tops b - 1 and b

Measured for SqueezeNet's conv1 (7x7, stride 2, 3 channels, 864 x 704, bf16): 22 ms by PyTorch's backward,
3 + 2 this way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ..kernels.pixels import from_blocks
from ..layers.convolution import Convolution
from .maps import laid_out

Pair = tuple[int, int]
_MOST_BLOCK_CHANNELS = 64  # beyond, blocks of pixels are too wide to be worth it


class Kernel(Protocol):
    """One convolution of one bottom."""

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, rectified: bool) -> Tensor:
        """Return the top, added to `into` (in place) where given, and rectified after that."""
        ...

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """Return the gradient at the bottom of (height, width) `size`, added to `into` where given."""
        ...


def kernel_for(layer: Convolution, weight: Tensor) -> Kernel:
    """Return the kernel for a layer's weights (or for some of its input channels)."""
    place = Place(layer)
    if layer.group != 1 or not _packs(weight.dtype):
        return Plain(place, weight)
    return Packed(place, weight)


@lru_cache
def _packs(dtype: torch.dtype) -> bool:
    """Tell whether this machine and this PyTorch have oneDNN's fused convolutions for a type."""
    operations = hasattr(torch.ops.mkldnn, "_convolution_pointwise") and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if dtype == torch.bfloat16:
        return bool(operations and torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return bool(operations and dtype == torch.float32)


class Place:
    """Where a convolution's windows lie: per (height, width), all in cells of the bottom."""

    def __init__(self, layer: Convolution) -> None:
        self.kernel, self.stride, self.pad, self.dilation = (
            (pair[0], pair[1]) for pair in (layer.kernel, layer.stride, layer.pad, layer.dilation)
        )
        self.group = layer.group
        self.turned_pad = (
            self.dilation[0] * (self.kernel[0] - 1) - self.pad[0],
            self.dilation[1] * (self.kernel[1] - 1) - self.pad[1],
        )

    def backward(self, gradient: Tensor, weight: Tensor, size: Pair) -> Tensor:
        """Return the gradient at the bottom by PyTorch's own way."""
        like = gradient.new_empty(()).expand(len(gradient), weight.shape[1] * self.group, *size)
        found: Tensor = torch.ops.aten.convolution_backward(
            gradient, like, weight, None, self.stride, self.pad, self.dilation, False, (0, 0), self.group,
            (True, False, False),
        )[0]  # fmt: skip
        return laid_out(found)


class Plain:
    """PyTorch's own operations, one after the other."""

    def __init__(self, place: Place, weight: Tensor) -> None:
        self._place, self._weight = place, weight

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, rectified: bool) -> Tensor:
        """See Kernel."""
        at = self._place
        top = F.conv2d(x, self._weight, bias, at.stride, at.pad, at.dilation, at.group)
        top = top if into is None else into.add_(top)
        return laid_out(top.relu_() if rectified else top)

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See Kernel."""
        found = self._place.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


class Packed:
    """oneDNN's convolution, with weights packed for the size they meet."""

    def __init__(self, place: Place, weight: Tensor) -> None:
        self._place, self._weight = place, weight
        self._forward = _PackedWeight(weight, place.stride, place.pad, place.dilation)
        self._back = self._blocks = None
        few = weight.shape[1] * place.stride[0] ** 2 <= _MOST_BLOCK_CHANNELS
        # Padding beyond the kernel's reach makes tops that see nothing but padding: they are left out.
        self._unseen = (max(0, -place.turned_pad[0]), max(0, -place.turned_pad[1]))
        if place.stride == (1, 1):
            pad = (max(0, place.turned_pad[0]), max(0, place.turned_pad[1]))
            self._back = _PackedWeight(_turned(weight), (1, 1), pad, place.dilation)
        elif few and place.stride[0] == place.stride[1] and place.dilation == (1, 1):
            whole = _in_blocks(weight, place.stride[0])
            reach = (whole.shape[2] - 1, whole.shape[3] - 1)
            self._blocks = _PackedWeight(_turned(whole), (1, 1), reach, (1, 1))

    def forward(self, x: Tensor, bias: Tensor | None, into: Tensor | None, rectified: bool) -> Tensor:
        """See Kernel."""
        return self._forward.convolve(x, bias, into, rectified)

    def back(self, gradient: Tensor, size: Pair, into: Tensor | None) -> Tensor:
        """See Kernel."""
        if self._back is not None:
            if any(self._unseen):
                y, x = self._unseen
                gradient = laid_out(gradient[:, :, y : gradient.shape[2] - y, x : gradient.shape[3] - x])
            return self._back.convolve(gradient, None, into, False)
        if self._blocks is not None:
            blocks = self._blocks.convolve(gradient, None, None, False)
            found = from_blocks(blocks, size, self._place.pad, self._weight.shape[1])
        else:
            found = self._place.backward(gradient, self._weight, size)
        return found if into is None else into.add_(found)


class _PackedWeight:
    """A weight in oneDNN's order, which depends on the map's size; packed once for each size met."""

    def __init__(self, weight: Tensor, stride: Pair, pad: Pair, dilation: Pair) -> None:
        self._weight = laid_out(weight)
        self._where = (pad, stride, dilation)
        self._packed: dict[tuple[int, ...], Tensor] = {}

    def convolve(self, x: Tensor, bias: Tensor | None, into: Tensor | None, rectified: bool) -> Tensor:
        after = "relu" if rectified else "none"
        weight = self._for(tuple(x.shape))
        if into is None:
            top = torch.ops.mkldnn._convolution_pointwise(x, weight, bias, *self._where, 1, after, [], "")
            return laid_out(top)
        after_sum = "relu" if rectified else None
        return torch.ops.mkldnn._convolution_pointwise_.binary(  # type: ignore[no-any-return]
            into, x, weight, bias, *self._where, 1, "add", 1.0, after_sum, [], None
        )

    def _for(self, shape: tuple[int, ...]) -> Tensor:
        if shape not in self._packed:
            if len(self._packed) >= 32:  # a window per octave and tile size; more is a long life of changes
                self._packed.clear()
            self._packed[shape] = torch.ops.aten.mkldnn_reorder_conv2d_weight(
                self._weight.to_mkldnn(), *self._where, 1, shape
            )
        return self._packed[shape]


def _turned(weight: Tensor) -> Tensor:
    """Return the weight that goes back: turned round in the plane, inputs and outputs exchanged."""
    return weight.flip(2, 3).transpose(0, 1)


def _in_blocks(weight: Tensor, side: int) -> Tensor:
    """Return (outputs, channels, kh, kw) as (outputs, channels * side^2, blocks, blocks)."""
    lacking = [-length % side for length in weight.shape[2:]]
    return F.pixel_unshuffle(F.pad(weight, (0, lacking[1], 0, lacking[0])), side)
