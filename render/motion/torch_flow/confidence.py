"""Where a flow in tensors can be believed: the steps of `motion.confidence`, on the device.

A Gaussian is summed tap by tap, in one order whatever the device. Confidence is (n, 1, h, w), 0 to 1.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ...settings.flow import FlowConfig
from ..confidence import (
    ALIKE_PX,
    COMPARED_PX,
    HOLE_SHRINK,
    HOLE_SIGMA_PX,
    LEAST_AROUND,
    inside,
    is_unlike,
    returns,
)
from .pyramid import derivative, places, sampled


def consistent(back: Tensor, forth: Tensor, config: FlowConfig) -> Tensor:
    """Return 1 where following the flow back, and forth again, ends near where it began; else 0."""
    height, width = back.shape[2:]
    x, y = _targets(back)
    there = sampled(forth, x, y)
    close = returns((back[:, 0], back[:, 1]), (there[:, 0], there[:, 1]), config)
    believed: Tensor = (inside(x, y, height, width) & close)[:, None].float()
    return believed


def filled(
    back: Tensor, confidence: Tensor, before: Tensor, now: Tensor, config: FlowConfig
) -> tuple[Tensor, Tensor]:
    """Return the flow and its confidence (0 or 1), holes filled where both frames' greys bear that out.

    `before` and `now` are the frames in grey, (n, 1, h, w), in levels of 255.
    """
    if config.fill_levels == 0:
        return back, confidence
    height, width = confidence.shape[2:]
    around, share = _flow_around(back, confidence)
    x, y = _targets(around)
    gradient = (derivative(now, 2).square() + derivative(now, 3).square()).sqrt()
    unlike = is_unlike(_compared(now - sampled(before, x, y)), _compared(gradient), config).float()
    unlike = F.max_pool2d(unlike, ALIKE_PX, stride=1, padding=ALIKE_PX // 2)
    known = (share >= LEAST_AROUND) & inside(x, y, height, width)[:, None]
    mended = (confidence == 0) & known & (unlike == 0)
    return torch.where(mended, around, back), torch.maximum(confidence, mended.float())


def softened(confidence: Tensor, softness_px: float) -> Tensor:
    """Return the confidence with soft edges that lie wholly on its side."""
    if softness_px == 0:
        return confidence
    reach = math.ceil(softness_px)
    doubt = F.pad(1 - confidence, (reach, reach, reach, reach))
    for kernel in ((2 * reach + 1, 1), (1, 2 * reach + 1)):
        doubt = F.max_pool2d(doubt, kernel, stride=1)
    return torch.minimum(_blurred(1 - doubt, softness_px), confidence)


def enlarged(back: Tensor, confidence: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return a flow and its confidence at a size (h, w), with the flow in the larger frame's pixels."""
    height, width = confidence.shape[2:]
    if (height, width) == size:
        return back, confidence
    scale = torch.tensor([size[1] / width, size[0] / height], device=back.device)[None, :, None, None]
    larger = F.interpolate(torch.cat([back * scale, confidence], dim=1), size=size, mode="bilinear")
    return larger[:, :2], larger[:, 2:]


def _targets(back: Tensor) -> tuple[Tensor, Tensor]:
    """Return the columns and rows (n, h, w) that vectors lead to."""
    columns, rows = places(back.shape[2], back.shape[3], back.device)
    return columns + back[:, 0], rows + back[:, 1]


def _flow_around(back: Tensor, confidence: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean flow of the believed places around each one, and their share."""
    height, width = confidence.shape[2:]
    weighed = torch.cat([back * confidence, confidence], dim=1)
    small = F.avg_pool2d(weighed, HOLE_SHRINK, ceil_mode=True, count_include_pad=False)
    small = _blurred(small, HOLE_SIGMA_PX)
    columns, rows = places(height, width, back.device)
    x, y = ((each + 0.5).expand(1, height, width) / HOLE_SHRINK - 0.5 for each in (columns, rows))
    whole = sampled(small, x, y)  # interpolate's bits depend on the number of threads here
    share = whole[:, 2:]
    return whole[:, :2] / share.clamp(min=LEAST_AROUND), share


def _compared(values: Tensor) -> Tensor:
    return _blurred(values, COMPARED_PX)


def _blurred(values: Tensor, sigma_px: float) -> Tensor:
    return _blurred_along(_blurred_along(values, sigma_px, 2), sigma_px, 3)


def _blurred_along(values: Tensor, sigma_px: float, axis: int) -> Tensor:
    radius = math.ceil(4 * sigma_px)
    taps = [math.exp(-((step / sigma_px) ** 2) / 2) for step in range(-radius, radius + 1)]
    edge = (radius, radius, 0, 0) if axis == 3 else (0, 0, radius, radius)
    wide, blurred = F.pad(values, edge, mode="replicate"), torch.zeros_like(values)
    for start, tap in enumerate(taps):
        blurred = blurred.add(wide.narrow(axis, start, values.shape[axis]), alpha=tap / sum(taps))
    return blurred
