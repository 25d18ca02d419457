"""Steps that need no kernels of their own: any layer through autograd, rectifiers, concatenation, sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..layers import Layer
from ..torch_internals import cut_by_relu
from .kernel_operations import laid_out
from .kernels.clamp import leak_back
from .operation import RELU, Activation, Gradient, Gradients


def cut_off(slope: Gradient, value: Tensor | None, ends: Activation = RELU) -> Tensor:
    """Return the gradient in front of a rectifier; `value` is what came out of it, where that is needed."""
    if slope.cut or value is None:
        return slope.tensor
    if ends != RELU:
        gradient = laid_out(slope.tensor)
        free = slope.ours or gradient is not slope.tensor
        into = gradient if free else torch.empty_like(gradient)
        return leak_back(gradient, laid_out(value), ends.most, ends.below, ends.above, into=into)
    in_place = slope.ours and slope.tensor.is_contiguous(memory_format=torch.channels_last)
    return cut_by_relu(slope.tensor, value, in_place=in_place)


@dataclass
class AnyLayer:
    """A layer computed, and gone back through, by PyTorch's autograd."""

    names: tuple[str, ...]
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

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Ask autograd for what the tops' gradients ask of the bottoms."""
        leaves, tops = kept
        pairs = [(top, slopes.take(value)) for top, value in zip(tops, self.tops, strict=True)]
        reached = [(top, slope.tensor) for top, slope in pairs if slope is not None and top.requires_grad]
        if not reached or not leaves:
            return
        with torch.enable_grad():
            found = torch.autograd.grad(
                [top for top, _ in reached], leaves, [slope for _, slope in reached],
                retain_graph=True, allow_unused=True,
            )  # fmt: skip
        for value, gradient in zip(self.bottoms, found, strict=True):
            if gradient is not None:
                slopes.add(value, gradient, ours=False)


@dataclass
class ReLU:
    """A rectifier that no other step does on the way."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    ends: Activation

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return what passes, and keep it."""
        top = F.relu(bottoms[0]) if self.ends == RELU else bottoms[0].clamp(0, self.ends.most)
        return [top], top

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Let the gradient pass where the top is not at an end."""
        slope = slopes.take(self.tops[0])
        if slope is not None:
            gradient = cut_off(slope, kept, self.ends)
            slopes.add(self.bottoms[0], gradient, ours=slope.ours or gradient is not slope.tensor)


@dataclass
class Concat:
    """Maps one after the other along the channels."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the joined map, and keep the numbers of channels."""
        return [torch.cat(list(bottoms), 1)], [bottom.shape[1] for bottom in bottoms]

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Hand every bottom its channels of the gradient, as a view."""
        slope = slopes.take(self.tops[0])
        if slope is not None:
            for value, part in zip(self.bottoms, torch.split(slope.tensor, kept, 1), strict=True):
                slopes.add(value, part, cut=slope.cut, ours=False)


@dataclass
class Sum:
    """Maps of one shape added up, and perhaps rectified (a residual network's joints)."""

    names: tuple[str, ...]
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    rectified: bool

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the sum; it is kept where it is rectified."""
        top = reduce(torch.add, bottoms)
        if self.rectified:
            top = top.relu_()
        return [top], top if self.rectified else None

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Send every bottom the same gradient."""
        slope = slopes.take(self.tops[0])
        if slope is not None:
            gradient = cut_off(slope, kept)
            for value in self.bottoms:
                slopes.add(value, gradient, ours=False)
