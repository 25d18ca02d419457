"""The unit of every step: a mean absolute value of 1."""

from __future__ import annotations

import torch
from torch import Tensor

from .strips import strips


def root_mean_square(gradient: Tensor) -> Tensor:
    """Return the root mean square of a (n, c, h, w) gradient, as a tensor of one number on its device."""
    wide = torch.float32 if gradient.device.type == "mps" else torch.float64
    sums = [gradient[..., rows, :].to(wide).square().sum() for rows in strips(gradient.shape[-2])]
    return (torch.stack(sums).sum() / gradient.numel()).sqrt().to(gradient.dtype)


def unit_(gradient: Tensor) -> Tensor:
    """Bring a (n, c, h, w) gradient, in place, to a mean absolute value of 1; one that is 0 stays so."""
    # In float64, so that the order in which threads add up does not reach the picture (MPS has none).
    wide = torch.float32 if gradient.device.type == "mps" else torch.float64
    sums = [gradient[..., rows, :].abs().sum(dtype=wide) for rows in strips(gradient.shape[-2])]
    mean = (torch.stack(sums).sum() / gradient.numel()).to(gradient.dtype)
    return gradient.div_(mean.clamp(min=torch.finfo(mean.dtype).tiny))
