"""Local response normalisation, with its derivative written out.

Across channels (n = local_size, the window clipped at the first and last channel):

    s_c = k + alpha/n * sum_{|j-c| <= n/2} x_j^2        y_c = x_c * s_c^-beta
    dx_c = g_c * s_c^-beta - 2 alpha beta / n * x_c * sum_{|j-c| <= n/2} g_j y_j / s_j

Within a channel the window is n x n cells of the map, zero-padded, alpha is divided by n^2 and k is ignored
(Caffe builds it from Power, Pooling and Eltwise layers and has no place for it there). The origin is section
3.3 of Krizhevsky et al. 2012; Caffe divides alpha by the window's size and the paper does not.

`F.local_response_norm` computes the same sum by average pooling in three dimensions, forward and backward,
and takes 70 % of a GoogLeNet's time on a CPU. Here the sum is n - 1 additions of shifted channels, done in
place, and beta = 0.75, which every published network uses, needs two square roots instead of a power.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Window, layer_type, require_map

ACROSS_CHANNELS = 0


@layer_type("LRN")
class LocalResponseNorm(Layer):
    """Divide each value by a power of the energy in its neighbourhood."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.lrn_param
        self.size = options.local_size
        self.alpha, self.beta, self.k = options.alpha, options.beta, options.k
        self.across = options.norm_region == ACROSS_CHANNELS
        if self.size % 2 == 0:
            raise ValueError(f"local_size {self.size} has to be odd")
        require_map(bottoms[0], "normalised")
        half = self.size // 2
        self.window = Window() if self.across else Window((self.size, self.size), (1, 1), (half, half))

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        if self.across:
            return across_channels(bottom, self.size, self.alpha, self.beta, self.k)
        energy = F.avg_pool2d(bottom * bottom, self.size, 1, self.size // 2)
        return bottom * _negative_power(1.0 + self.alpha * energy, self.beta)


def across_channels(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
    """Normalise (n, c, ...) over windows of `size` (odd) channels."""
    return _AcrossChannels.apply(x, size, alpha / size, beta, k)  # type: ignore[no-any-return,no-untyped-call]


class _AcrossChannels(torch.autograd.Function):
    """The two formulas of the module's docstring; in float32 whatever the input's type.

    Sums of squares lose too much in bfloat16, and on CPUs without its instructions it is also slower.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, size: int, rate: float, beta: float, k: float) -> Tensor:
        wide = x.float()
        scale = _channel_window_sum(wide * wide, size).mul_(rate).add_(k)
        ctx.save_for_backward(x, scale)
        ctx.size, ctx.rate, ctx.beta = size, rate, beta
        return _negative_power(scale, beta).mul_(wide).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, scale = ctx.saved_tensors
        wide, scaled = x.float(), grad * _negative_power(scale, ctx.beta)
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


def _negative_power(scale: Tensor, beta: float) -> Tensor:
    """Return scale^-beta as a new tensor."""
    if beta == 0.75:
        return (scale * scale.sqrt()).rsqrt()
    return scale.rsqrt() if beta == 0.5 else scale.pow(-beta)
