"""Operations that need no kernels of their own: any layer through autograd, ReLU, Concat, Sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..layers import Layer
from ..torch_internals import relu_backward
from .kernels.clamp import leaky_clamp_backward
from .kernels.compiled import channels_last
from .operation import RELU, Activation, Gradient, Gradients


def masked_gradient(arriving: Gradient, value: Tensor | None, activation: Activation = RELU) -> Tensor:
    """Return the gradient in front of a ReLU; `value` is what came out of it, where that is needed."""
    if arriving.masked or value is None or (activation == RELU and is_same(arriving.tensor, value)):
        return arriving.tensor
    if activation != RELU:
        gradient = channels_last(arriving.tensor)
        free = arriving.owned or gradient is not arriving.tensor
        into = gradient if free else torch.empty_like(gradient)
        return leaky_clamp_backward(
            gradient, channels_last(value), activation.limit, activation.leak_below, activation.leak_above,
            into=into,
        )  # fmt: skip
    in_place = arriving.owned and arriving.tensor.is_contiguous(memory_format=torch.channels_last)
    return relu_backward(arriving.tensor, value, in_place=in_place)


def is_same(gradient: Tensor, value: Tensor) -> bool:
    """Tell whether a gradient is the value itself, as that of half its squares is.

    Then it is 0 where a ReLU's output is, and masked by that.
    """
    return gradient.data_ptr() == value.data_ptr() and gradient.stride() == value.stride()


@dataclass
class AutogradLayer:
    """Any layer, computed forward and backward by PyTorch's autograd."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    layer: Layer
    weights: Sequence[Tensor]
    dtype: torch.dtype

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Run the layer; what is kept are the bottoms as leaves of a graph, and the tops."""
        with torch.set_grad_enabled(keep):
            leaves = [bottom.detach().requires_grad_(keep) for bottom in bottoms]
            made = self.layer.forward(self.weights, *leaves)
        tops = made if isinstance(made, tuple) else (made,)
        if not bottoms:  # a layer that makes up its data does so in float32
            tops = tuple(top.to(self.dtype) for top in tops)
        return [top.detach() for top in tops], (leaves, tops)

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Ask autograd for what the tops' gradients ask of the bottoms."""
        leaves, tops = kept
        pairs = [(top, gradients.take(value)) for top, value in zip(tops, self.tops, strict=True)]
        reached = [(top, found.tensor) for top, found in pairs if found is not None and top.requires_grad]
        if not reached or not leaves:
            return
        with torch.enable_grad():
            found = torch.autograd.grad(
                [top for top, _ in reached], leaves, [gradient for _, gradient in reached],
                retain_graph=True, allow_unused=True,
            )  # fmt: skip
        for value, gradient in zip(self.bottoms, found, strict=True):
            if gradient is not None:
                gradients.add(value, gradient, owned=False)


@dataclass
class ReLU:
    """A ReLU or ReLU6 that no other operation does on the way."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    activation: Activation

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return what passes, and keep it."""
        top = F.relu(bottoms[0]) if self.activation == RELU else bottoms[0].clamp(0, self.activation.limit)
        return [top], top

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Let the gradient pass where the top is not at an end."""
        arriving = gradients.take(self.tops[0])
        if arriving is not None:
            gradient = masked_gradient(arriving, kept, self.activation)
            gradients.add(self.bottoms[0], gradient, owned=arriving.owned or gradient is not arriving.tensor)


@dataclass
class Concat:
    """Maps one after the other along the channels."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    wanted: bool = False
    """Whether somebody asked for the joined map, whose gradient then may be that map itself."""

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the joined map; kept are the numbers of channels, and of one that is wanted all maps."""
        top = torch.cat(list(bottoms), 1)
        return [top], ([bottom.shape[1] for bottom in bottoms], (top, bottoms) if self.wanted else None)

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Hand every bottom its channels of the gradient: a view of it, or itself where it is that."""
        arriving = gradients.take(self.tops[0])
        if arriving is None:
            return
        channels, maps = kept
        parts = torch.split(arriving.tensor, channels, 1)
        if maps is not None and is_same(arriving.tensor, maps[0]):
            parts = maps[1]
        for value, part in zip(self.bottoms, parts, strict=True):
            gradients.add(value, part, masked=arriving.masked, owned=False)


@dataclass
class Sum:
    """Maps of one shape added up, and perhaps rectified, as residual networks have them."""

    layers: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    rectified: bool

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the sum; it is kept where it is rectified."""
        top = reduce(torch.add, bottoms)
        if self.rectified:
            top = top.relu_()
        return [top], top if self.rectified else None

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Send every bottom the same gradient."""
        arriving = gradients.take(self.tops[0])
        if arriving is not None:
            gradient = masked_gradient(arriving, kept)
            for value in self.bottoms:
                gradients.add(value, gradient, owned=False)
