"""Operations whose derivatives are written out instead of being found by autograd.

They are classes of PyTorch's, so this module imports it; layers import this one when they first run.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def leaky_clamp(x: Tensor, below: float, above: float) -> Tensor:
    """Return values limited to 0 .. 6, of whose gradient these shares pass at the ends."""
    return _LeakyClamp.apply(x, below, above)  # type: ignore[no-any-return,no-untyped-call]


def standardized(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """Return x minus its mean over some axes, divided by its deviation there plus eps."""
    return _Standardized.apply(x, axes, eps)  # type: ignore[no-any-return,no-untyped-call]


def across_channels(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
    """Normalise (n, c, ...) over windows of `size` (odd) channels."""
    return _AcrossChannels.apply(x, size, alpha / size, beta, k)  # type: ignore[no-any-return,no-untyped-call]


class _LeakyClamp(torch.autograd.Function):
    """Values limited to 0 .. 6, with a gradient that leaks at both ends."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, below: float, above: float) -> Tensor:
        top = F.relu6(x)
        ctx.save_for_backward(top)
        ctx.leaks = (below, above)
        return top

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (top,) = ctx.saved_tensors
        below, above = ctx.leaks
        passed = torch.where(top > 0, gradient, gradient * below)
        return torch.where(top < 6, passed, gradient * above), None, None


class _Standardized(torch.autograd.Function):
    """y = (x - mean) / (deviation + eps), with the derivative that Caffe uses:

        dx = (g - mean(g) - y * mean(y * g)) / (deviation + eps)

    It takes y's own deviation for 1, so it differs from y's true derivative where eps is not small; and it is
    finite on a constant map, where the true one divides by the deviation and is not.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
        centred = x - x.mean(axes, keepdim=True)
        divisor = centred.square().mean(axes, keepdim=True).sqrt() + eps
        y = centred / divisor
        ctx.save_for_backward(y, divisor)
        ctx.axes = axes
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        y, divisor = ctx.saved_tensors
        shared = grad.mean(ctx.axes, keepdim=True) + y * (y * grad).mean(ctx.axes, keepdim=True)
        return (grad - shared) / divisor, None, None


class _AcrossChannels(torch.autograd.Function):
    """The two formulas in lrn.py; in float32 whatever the input's type.

    Sums of squares lose too much in bfloat16, and on CPUs without its instructions it is also slower.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, size: int, rate: float, beta: float, k: float) -> Tensor:
        wide = x.float()
        scale = _channel_window_sum(wide * wide, size).mul_(rate).add_(k)
        ctx.save_for_backward(x, scale)
        ctx.size, ctx.rate, ctx.beta = size, rate, beta
        return negative_power(scale, beta).mul_(wide).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, scale = ctx.saved_tensors
        wide, scaled = x.float(), grad * negative_power(scale, ctx.beta)
        shared = _channel_window_sum((scaled * wide).div_(scale), ctx.size)
        inner = shared.mul_(wide).mul_(-2.0 * ctx.rate * ctx.beta).add_(scaled)
        return inner.to(x.dtype), None, None, None, None


def _channel_window_sum(x: Tensor, size: int) -> Tensor:
    """Return for each channel the sum over the `size` channels around it."""
    total = x.clone()
    for shift in range(1, min(size // 2, x.shape[1] - 1) + 1):
        total[:, shift:] += x[:, :-shift]
        total[:, :-shift] += x[:, shift:]
    return total


def negative_power(scale: Tensor, beta: float) -> Tensor:
    """Return scale^-beta as a new tensor."""
    if beta == 0.75:
        return (scale * scale.sqrt()).rsqrt()
    return scale.rsqrt() if beta == 0.5 else scale.pow(-beta)
