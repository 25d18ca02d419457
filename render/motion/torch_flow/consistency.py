"""Where flow back and forth agree, with soft edges: the same rules as `opencv_flow`, on the device."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ...flow_config import FlowConfig
from .pyramid import places, sampled


def consistent(back: Tensor, forth: Tensor, config: FlowConfig) -> Tensor:
    """Return (n, 1, h, w) 1 where following the flow back, and forth again, ends near its start; else 0.

        |w + w'|^2 < tolerance (|w|^2 + |w'|^2) + slack

    with w the flow back and w' the flow forth where w leads to (Sundaram, Brox and Keutzer, ECCV 2010). What
    comes from beyond the border is 0.
    """
    height, width = back.shape[2:]
    columns, rows = places(height, width, back.device)
    x, y = columns + back[:, 0], rows + back[:, 1]
    returned = sampled(forth, x, y)
    astray = (back + returned).square().sum(dim=1)
    lengths = back.square().sum(dim=1) + returned.square().sum(dim=1)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    close = astray < config.tolerance * lengths + config.slack_px2
    return (inside & close)[:, None].float()


def softened(trust: Tensor, softness_px: float) -> Tensor:
    """Return the map (n, 1, h, w) with soft edges wholly on the trusted side: what is new stays new."""
    if softness_px == 0:
        return trust
    reach = math.ceil(softness_px)
    doubt = F.pad(1 - trust, (reach, reach, reach, reach))
    for kernel in ((2 * reach + 1, 1), (1, 2 * reach + 1)):
        doubt = F.max_pool2d(doubt, kernel, stride=1)
    return torch.minimum(blurred(blurred(1 - doubt, softness_px, 2), softness_px, 3), trust)


def enlarged(field: Tensor, trust: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return a field and its trust at a size (h, w), with flow in the larger frame's pixels."""
    height, width = trust.shape[2:]
    if (height, width) == size:
        return field, trust
    scale = torch.tensor([size[1] / width, size[0] / height], device=field.device)[None, :, None, None]
    larger = F.interpolate(torch.cat([field * scale, trust], dim=1), size=size, mode="bilinear")
    return larger[:, :2], larger[:, 2:]


def blurred(values: Tensor, sigma_px: float, axis: int) -> Tensor:
    """Return values blurred along an axis by a Gaussian, tap by tap, in one order whatever the device."""
    radius = math.ceil(4 * sigma_px)
    taps = [math.exp(-((step / sigma_px) ** 2) / 2) for step in range(-radius, radius + 1)]
    edge = (radius, radius, 0, 0) if axis == 3 else (0, 0, radius, radius)
    wide, blurred = F.pad(values, edge, mode="replicate"), torch.zeros_like(values)
    for start, tap in enumerate(taps):
        blurred = blurred.add(wide.narrow(axis, start, values.shape[axis]), alpha=tap / sum(taps))
    return blurred
