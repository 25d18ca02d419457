"""Batch normalisations worked into the convolutions before them: the same values in less time.

At rest a batch normalisation multiplies each channel by a number and adds another, which a convolution can do
by weights and biases of its own. The convolution's own value is another then, so that a pass in which it is
asked for runs the model as it is (network.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .grid import Conv2dOnGrid
from .surgery import copied


@dataclass(frozen=True)
class Pair:
    """A convolution, and the normalisation that alone reads what it returns, by name."""

    convolution: str
    normalisation: str
    changed: frozenset[str]
    """The layers whose values folding changes: the convolution, and what returns its value as it is."""


class WorkedIn(nn.Module):
    """What is left of a normalisation: the dropout and the activation that timm has inside of some."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what these make of x; without any, x."""
        for part in self.children():
            x = part(x)
        return x


def is_convolution(module: nn.Module) -> bool:
    """Tell whether a module convolves with its weights as they are."""
    return type(module) in (nn.Conv2d, Conv2dOnGrid)


def is_normalisation(module: nn.Module) -> bool:
    """Tell whether a module multiplies and adds per channel, at rest, by what it learnt."""
    from timm.layers import BatchNormAct2d

    return (
        type(module) in (nn.BatchNorm2d, BatchNormAct2d)
        and not module.training
        and isinstance(module.running_mean, Tensor)
    )


def folded(model: nn.Module, pairs: Sequence[Pair]) -> nn.Module:
    """Return a copy without the normalisations of these pairs; all else is shared."""
    made = copied(model)
    for pair in pairs:
        convolution: Any = made.get_submodule(pair.convolution)
        normalisation: Any = made.get_submodule(pair.normalisation)
        _work_in(convolution, normalisation)
        normalisation.__class__ = WorkedIn
    return made


def _work_in(convolution: Any, normalisation: Any) -> None:
    mean, variance = normalisation.running_mean.float(), normalisation.running_var.float()
    factor = torch.rsqrt(variance + normalisation.eps)
    offset = -mean * factor
    if normalisation.affine:
        weight = normalisation.weight.float()
        factor, offset = factor * weight, offset * weight + normalisation.bias.float()
    if convolution.bias is not None:
        offset = offset + convolution.bias.float() * factor
    weights = convolution.weight.float() * factor[:, None, None, None]
    dtype = convolution.weight.dtype
    convolution.weight = nn.Parameter(weights.to(dtype), requires_grad=False)
    convolution.bias = nn.Parameter(offset.to(dtype), requires_grad=False)
