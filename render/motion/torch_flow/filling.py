"""Holes in the flow filled from what is around them: the same rule as `flow_filling`, on the device."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...flow_config import FlowConfig
from ..filling import ALIKE_PX, COMPARED_PX, LEAST_AROUND, SHRINK, SIGMA_PX, SLOPE_SHARE
from .consistency import blurred
from .pyramid import derivative, places, sampled


def filled(
    back: Tensor, trust: Tensor, before: Tensor, now: Tensor, config: FlowConfig
) -> tuple[Tensor, Tensor]:
    """Return a field (n, 2, h, w) and its trust (n, 1, h, w), 0 or 1, with holes filled.

    `before` and `now` are the frames in grey, (n, 1, h, w), in levels of 255.
    """
    if config.fill_levels == 0:
        return back, trust
    height, width = trust.shape[2:]
    around, share = _around(back, trust)
    columns, rows = places(height, width, back.device)
    x, y = columns + around[:, 0], rows + around[:, 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    apart = _compared(now - sampled(before, x, y)).abs()
    slope = _compared((derivative(now, 2).square() + derivative(now, 3).square()).sqrt())
    unlike = (apart >= config.fill_levels + SLOPE_SHARE * slope).float()
    unlike = F.max_pool2d(unlike, ALIKE_PX, stride=1, padding=ALIKE_PX // 2)
    mended = (trust == 0) & (share >= LEAST_AROUND) & inside[:, None] & (unlike == 0)
    return torch.where(mended, around, back), torch.maximum(trust, mended.float())


def _around(back: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean flow of the believed places around each one, and their share."""
    height, width = trust.shape[2:]
    weighed = torch.cat([back * trust, trust], dim=1)
    small = F.avg_pool2d(weighed, SHRINK, ceil_mode=True, count_include_pad=False)
    small = blurred(blurred(small, SIGMA_PX, 2), SIGMA_PX, 3)
    columns, rows = places(height, width, back.device)
    x, y = ((each + 0.5).expand(1, height, width) / SHRINK - 0.5 for each in (columns, rows))
    whole = sampled(small, x, y)  # interpolate's bits depend on the number of threads here
    share = whole[:, 2:]
    return whole[:, :2] / share.clamp(min=LEAST_AROUND), share


def _compared(values: Tensor) -> Tensor:
    return blurred(blurred(values, COMPARED_PX, 2), COMPARED_PX, 3)
