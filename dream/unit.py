"""The unit of every step: a mean absolute value of 1."""

from __future__ import annotations

import torch
from torch import Tensor

# Rows that are added up at once: a float64 copy of them is made for it.
_ROWS = 512


def unit_(gradient: Tensor) -> Tensor:
    """Bring a (n, c, h, w) gradient, in place, to a mean absolute value of 1; one that is 0 stays so."""
    # In float64, so that the order in which threads add up does not reach the picture (MPS has none).
    wide = torch.float32 if gradient.device.type == "mps" else torch.float64
    tops = range(0, gradient.shape[-2], _ROWS)
    sums = [gradient[..., top : top + _ROWS, :].abs().sum(dtype=wide) for top in tops]
    mean = (torch.stack(sums).sum() / gradient.numel()).to(gradient.dtype)
    return gradient.div_(mean.clamp(min=torch.finfo(mean.dtype).tiny))
