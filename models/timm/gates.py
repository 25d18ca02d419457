"""Rectifiers that let a share of the gradient pass where they are shut; no value changes by it.

A dream starts from a picture for which most cells of a deep layer are at an end of their range, and would
never hear what is asked of them. For ReLU6 the shares are those of the network `imagenet`, and what they
bring was looked at with its weights (docs/timm.md). A plain ReLU keeps its own gradient: there was no
network to look at.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..cpu.kernels.clamp import leaky_clamp_backward
from ..cpu.kernels.compiled import channels_last
from ..imagenet.definition import LEAK_ABOVE, LEAK_BELOW
from ..layers.derivatives import leaky_clamp

_LIMIT = 6.0


class LeakyReLU6(nn.ReLU6):
    """min(max(x, 0), 6), whose gradient leaks at both ends."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the values of a ReLU6."""
        if not (torch.is_grad_enabled() and x.requires_grad):
            return F.relu6(x)
        if x.device.type != "cpu" or x.ndim != 4 or x.dtype not in (torch.float32, torch.bfloat16):
            return leaky_clamp(x, LEAK_BELOW, LEAK_ABOVE)
        top: Tensor = _OnCpu.apply(x)  # type: ignore[no-untyped-call]
        return top


class _OnCpu(torch.autograd.Function):
    """The same in one pass over the memory."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        top = F.relu6(x)
        ctx.save_for_backward(top)
        return top

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (top,) = ctx.saved_tensors
        arriving = channels_last(gradient)
        return leaky_clamp_backward(
            arriving, channels_last(top), _LIMIT, LEAK_BELOW, LEAK_ABOVE, into=torch.empty_like(arriving)
        )


def let_leak(model: nn.Module) -> None:
    """Have a model's ReLU6 let a share of the gradient pass."""
    for module in model.modules():
        if type(module) is nn.ReLU6:
            module.__class__ = LeakyReLU6
