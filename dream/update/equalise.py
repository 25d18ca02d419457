"""Step equalisation: where nothing is seen yet, something may begin.

A network's gradient is largest where it sees most already, and every step has the same size on average:
what is there gets nearly all of it, and empty places stay empty. For one picture that is as it should be. A
camera that flies into such a place finds nothing, so each place's gradient is divided by a power of its own
magnitude:

    G / m^e        m: mean |G| around a place, but at least a twentieth of that of the picture
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..reductions import sum_dtype

_CELL_PX = 8
_LEAST = 0.05


def equalise_(gradient: Tensor, evenness: float) -> Tensor:
    """Spread a (1, c, h, w) gradient, in place, and return it: 0 leaves it, 1 is as large everywhere.

    What it comes to in all is not kept: a step is normalised afterwards.
    """
    magnitude = gradient.abs().mean(1, keepdim=True)
    height, width = magnitude.shape[-2:]
    around = F.avg_pool2d(magnitude, _CELL_PX, _CELL_PX, ceil_mode=True, count_include_pad=False)
    for _ in range(2):
        around = F.avg_pool2d(F.pad(around, (1, 1, 1, 1), mode="replicate"), 3, 1)
    around = F.interpolate(around, (height, width), mode="bilinear", align_corners=False)
    mean = (around.sum(dtype=sum_dtype(around.device)) / around.numel()).to(around.dtype)
    mean = mean.clamp(min=torch.finfo(mean.dtype).tiny)  # a gradient that is 0 stays so
    return gradient.mul_((around / mean).clamp_(min=_LEAST).pow_(-evenness))
