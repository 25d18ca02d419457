"""Both frames at every scale, each half of the one before, and their derivatives.

A scale is half as large, rounded up: every pixel covers 2x2 of the finer one, or what the frame has of them.
So coordinates differ by exactly 2 at odd sizes too:

    fine      0 1 | 2 3 | 4          x_fine = 2 x_coarse + 1/2
    coarse     0  |  1  | 2
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# The coarsest scale's shorter side is between this and its double: two patches fit.
_COARSEST_PX = 16


def pyramid(frames: Tensor) -> list[Tensor]:
    """Return the frames (n, 1, h, w) at every scale, the finest first."""
    scales = [frames]
    while min(scales[-1].shape[2:]) >= 2 * _COARSEST_PX:
        scales.append(F.avg_pool2d(scales[-1], 2, ceil_mode=True, count_include_pad=False))
    return scales


def finer(field: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a field (n, 2, h, w) of one scale as that of the next finer one, which has `size` (h, w)."""
    doubled = 2 * F.interpolate(field, scale_factor=2, mode="bilinear", align_corners=False)
    return doubled[..., : size[0], : size[1]].contiguous()


def derivative(frames: Tensor, axis: int) -> Tensor:
    """Return the derivative along an axis, 2 for rows and 3 for columns, by five points.

    (1, -8, 0, 8, -1) / 12, as in Sun, Roth and Black, Secrets of Optical Flow Estimation, CVPR 2010.
    """
    edge = (2, 2, 0, 0) if axis == 3 else (0, 0, 2, 2)
    wide, length = F.pad(frames, edge, mode="replicate"), frames.shape[axis]
    at = [wide.narrow(axis, start, length) for start in range(5)]
    return torch.add(at[0] - at[4], at[3] - at[1], alpha=8) / 12


def sampled(frames: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return what frames (n, c, h, w) show at (n or 1, rows, columns) places in pixels, bilinearly.

    Beyond the border the nearest pixel stands in.
    """
    height, width = frames.shape[2:]
    return sampled_at_shares(frames, as_share(x, width), as_share(y, height))


def sampled_at_shares(frames: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the same for places as `as_share` counts them, which saves steps where many are tried."""
    grid = torch.stack([x, y], dim=-1).expand(len(frames), -1, -1, -1)
    return F.grid_sample(frames, grid, mode="bilinear", padding_mode="border", align_corners=False)


def as_share(places_px: Tensor, length_px: int) -> Tensor:
    """Return places as shares of a side, from -1 at the frame's one edge to 1 at the other."""
    return (2 * places_px + 1) / length_px - 1


def places(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return every pixel's column (1, 1, w) and row (1, h, 1)."""
    columns = torch.arange(width, dtype=torch.float32, device=device)
    rows = torch.arange(height, dtype=torch.float32, device=device)
    return columns[None, None, :], rows[None, :, None]
