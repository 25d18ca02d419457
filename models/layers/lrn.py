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
from typing import TYPE_CHECKING

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Window, layer_type, require_map

if TYPE_CHECKING:
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F

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
        from .derivatives import across_channels, negative_power

        if self.across:
            return across_channels(bottom, self.size, self.alpha, self.beta, self.k)
        energy = F.avg_pool2d(bottom * bottom, self.size, 1, self.size // 2)
        return bottom * negative_power(1.0 + self.alpha * energy, self.beta)
