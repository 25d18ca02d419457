"""Some rows of a convolution's top, or of the gradient at its bottom, computed by themselves.

Both are convolutions without padding above and below, over as many rows as they look at, with rows of zeros
where these lie beyond the map. The gradient at the bottom is a convolution of the one at the top:

    stride 1    with flipped weights: row y looks at the tops y + pad - reach + 1 .. y + pad
    stride s    the same in blocks of s x s pixels (convolution_algorithms.py), for few channels, or
                by a product for each block row (kernels/strided.py)
"""

from __future__ import annotations

from copy import copy

import torch.nn.functional as F
from torch import Tensor

from ..layers.convolution import Convolution, SameConvolution
from ..torch_internals import fuses_convolutions
from .convolution_algorithms import MOST_BLOCK_CHANNELS, choose_algorithm, flipped, in_blocks
from .convolution_geometry import ConvolutionAlgorithm
from .kernels.compiled import channels_last
from .kernels.pixels import from_blocks
from .kernels.strided import StridedGradient, sends_less
from .operation import Activation


def has_rows(layer: Convolution, weight: Tensor) -> bool:
    """Tell whether a convolution can be computed by rows, and fast: forward and back by oneDNN."""
    if isinstance(layer, SameConvolution) or not fuses_convolutions(weight.dtype):
        return False
    if any(pad > d * (k - 1) for pad, d, k in zip(layer.pad, layer.dilation, layer.kernel, strict=True)):
        return False  # tops that see nothing but padding
    if layer.stride == (1, 1):
        return layer.group == 1 or (layer.group == weight.shape[0] and weight.shape[1] == 1)
    few = weight.shape[1] * layer.stride[0] ** 2 <= MOST_BLOCK_CHANNELS
    return few and layer.group == 1 and layer.stride[0] == layer.stride[1] and layer.dilation == (1, 1)


class ConvolutionRows:
    """One convolution of one bottom of which some rows are computed, of one image; it `has_rows`."""

    def __init__(self, layer: Convolution, weight: Tensor) -> None:
        self.side = layer.stride[0]
        """Rows of the gradient come in steps of so many, beginning `pad` rows above the map."""
        self.pad, self.channels = layer.pad[0], weight.shape[1] * layer.group
        self._reach = layer.dilation[0] * (layer.kernel[0] - 1) + 1
        self._forward = _without_rows_of_padding(layer, weight, layer.pad[1])
        self._columns_pad = layer.pad[1]
        blocks = in_blocks(weight, self.side)
        across = layer.dilation[1] * (blocks.shape[3] - 1)
        self._looks_back = layer.dilation[0] * (blocks.shape[2] - 1)
        self._strided = StridedGradient(weight, self.side) if sends_less(weight, self.side) else None
        pad = across - layer.pad[1] if self.side == 1 else across
        self._backward = _without_rows_of_padding(layer, flipped(blocks, layer.group), pad, stride=1)

    def forward(
        self,
        x: Tensor,
        rows: tuple[int, int],
        bias: Tensor | None,
        into: Tensor | None,
        activation: Activation | None,
    ) -> Tensor:
        """Return the rows first..last of the top of a whole bottom (1, c, h, w); see ConvolutionAlgorithm."""
        first = rows[0] * self.side - self.pad
        last = (rows[1] - 1) * self.side - self.pad + self._reach
        part = x[:, :, max(0, first) : last]
        above, below = max(0, -first), max(0, last - x.shape[2])
        if above or below:
            part = channels_last(F.pad(part, (0, 0, above, below)))
        return self._forward.forward(part, bias, into, activation)

    def tops_for(self, rows: tuple[int, int]) -> tuple[int, int]:
        """Return the rows of the top, maybe beyond it, that the bottom's rows have a part in."""
        return (rows[0] + self.pad) // self.side - self._looks_back, -(-(rows[1] + self.pad) // self.side)

    def backward(self, gradient: Tensor, rows: tuple[int, int], into: Tensor, *, add: bool) -> None:
        """Write the gradient at the bottom's rows first..last to `into`, (1, c, last - first, w), or add it.

        `gradient` is the one at the rows `tops_for` names, zeros beyond the map.
        """
        if self.side == 1:
            if add:
                self._backward.forward(gradient, None, into, None)
            else:
                into.copy_(self._backward.forward(gradient, None, None, None))
            return
        above = (rows[0] + self.pad) % self.side
        if self._strided is not None:
            before = above, self._columns_pad
            self._strided.send(gradient, into, before, self._looks_back, add=add)
            return
        blocks = self._backward.forward(gradient, None, None, None)
        size = (into.shape[2], into.shape[3])
        found = from_blocks(blocks, size, (above, self._columns_pad), self.channels)
        into.add_(found) if add else into.copy_(found)


def _without_rows_of_padding(
    layer: Convolution, weight: Tensor, columns_pad: int, stride: int | None = None
) -> ConvolutionAlgorithm:
    """Return the algorithm for a layer like the given one but for weights, padding at its sides, stride."""
    like = copy(layer)
    like.kernel, like.pad = (weight.shape[2], weight.shape[3]), (0, columns_pad)
    like.stride = layer.stride if stride is None else (stride, stride)
    return choose_algorithm(like, weight)
