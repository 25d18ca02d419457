"""Layers that change each value on its own: the rectifiers, the squashing functions, elementwise arithmetic.

At the corners Caffe's derivatives are those of PyTorch: zero for ReLU and AbsVal at 0, alpha for ELU at 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..caffe_files.schema import Message
from .base import Outputs, PointwiseLayer, Shape, Weight, layer_type

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F, torch


@layer_type("ReLU")
class ReLU(PointwiseLayer):
    """max(x, 0), or negative_slope * x below zero."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        slope = self.param.relu_param.negative_slope
        return F.leaky_relu(bottoms[0], slope) if slope else F.relu(bottoms[0])


@layer_type("ReLU6")
class ReLU6(PointwiseLayer):
    """min(max(x, 0), 6), from the MobileNet forks.

    `leak_below` and `leak_above`, lucidreel's own, let a share of the gradient pass where the value is at an
    end of its range and a ReLU6 lets nothing pass; they change no value.
    """

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.leaks = (param.relu6_param.leak_below, param.relu6_param.leak_above)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        if not any(self.leaks):
            return F.relu6(bottoms[0])
        from .derivatives import leaky_clamp

        return leaky_clamp(bottoms[0], *self.leaks)


@layer_type("PReLU")
class PReLU(PointwiseLayer):
    """A learned slope below zero, one per channel or one for all."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        shared = param.prelu_param.channel_shared
        self.weights = (Weight(() if shared else (bottoms[0][1],), 0.25),)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return F.prelu(bottoms[0], weights[0].reshape(-1))


@layer_type("ELU")
class ELU(PointwiseLayer):
    """alpha * (exp(x) - 1) below zero."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return F.elu(bottoms[0], self.param.elu_param.alpha)


@layer_type("Sigmoid")
class Sigmoid(PointwiseLayer):
    """1 / (1 + exp(-x))."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.sigmoid(bottoms[0])


@layer_type("Swish")
class Swish(PointwiseLayer):
    """x / (1 + exp(-beta * x))."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0] * torch.sigmoid(self.param.swish_param.beta * bottoms[0])


@layer_type("TanH")
class TanH(PointwiseLayer):
    """The hyperbolic tangent."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.tanh(bottoms[0])


@layer_type("BNLL")
class BinomialLogLikelihood(PointwiseLayer):
    """log(1 + exp(x))."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return F.softplus(bottoms[0], threshold=50.0)


@layer_type("AbsVal")
class AbsoluteValue(PointwiseLayer):
    """|x|."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0].abs()


@layer_type("Power")
class Power(PointwiseLayer):
    """(shift + scale * x)^power; where power or scale is 0 that is a constant, and its gradient 0."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        options = self.param.power_param
        if options.power * options.scale == 0:
            # Tensor arithmetic for 0^-1 and (-1)^0.5, and a filled copy because it stays in autograd's graph.
            constant = torch.tensor(options.shift, dtype=torch.float32).pow(options.power)
            return bottoms[0].clone().fill_(constant.item())
        base: Tensor = bottoms[0] * options.scale + options.shift
        return base if options.power == 1 else torch.pow(base, options.power)


@layer_type("Exp")
class Exponential(PointwiseLayer):
    """base^(shift + scale * x); base -1, the default, stands for e."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.log_of_base = _log_of_base(param.exp_param.base)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        options = self.param.exp_param
        exponent = bottoms[0] * options.scale + options.shift
        return torch.exp(exponent * self.log_of_base)


@layer_type("Log")
class Logarithm(PointwiseLayer):
    """The logarithm of shift + scale * x to a base; base -1, the default, stands for e."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.log_of_base = _log_of_base(param.log_param.base)
        if self.log_of_base == 0:
            raise ValueError("base 1 has no logarithms")

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        options = self.param.log_param
        return torch.log(bottoms[0] * options.scale + options.shift) / self.log_of_base


@layer_type("Threshold")
class Threshold(PointwiseLayer):
    """1 above the threshold, else 0; no gradient passes."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.gt(bottoms[0], self.param.threshold_param.threshold).to(bottoms[0].dtype)


@layer_type("Clip")
class Clip(PointwiseLayer):
    """Values limited to min .. max; the gradient passes where the value lies inside or on a limit."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.clamp(bottoms[0], self.param.clip_param.min, self.param.clip_param.max)


@layer_type("Dropout")
class Dropout(PointwiseLayer):
    """Nothing: in the TEST phase every value passes as it is."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0]


def _log_of_base(base: float) -> float:
    if base != -1 and base <= 0:
        raise ValueError(f"base {base} has to be positive (or -1 for e)")
    return 1.0 if base == -1 else math.log(base)
