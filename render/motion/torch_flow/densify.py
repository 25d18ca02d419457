"""From displacements of patches that overlap to a vector per pixel.

A pixel's vector is the mean of its four patches', each weighed by how well it explains that very pixel: by
1 / max(1, residual), in levels of 255 (Kroeger et al., ECCV 2016, section 2.2). Each pixel gathers from its
patches, none scatters to its pixels, so there is one order of summing:

    cell (r, c)   <-  patches (r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)
"""

from __future__ import annotations

import torch
from torch import Tensor

from .patches import PATCH_PX, STRIDE_PX, Patches, residuals

_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def densify(patches: Patches, moving: Tensor, displacements: Tensor) -> Tensor:
    """Return the field (n, 2, h, w) of displacements (n, 2, rows, columns)."""
    residual = residuals(patches, moving, displacements[:, None])[:, 0]
    inside = patches.inside
    mean = (residual * inside).sum(dim=-1, keepdim=True) / inside.sum(dim=-1, keepdim=True)
    weights = _by_cell(1 / (residual - mean).abs().clamp_min(1))[:, None]
    vectors = torch.stack([_spread_out(displacements, *corner) for corner in _CORNERS], dim=2)
    field = (vectors * weights).sum(dim=2) / weights.sum(dim=2)
    height, width = moving.shape[2:]
    return field[..., :height, :width].contiguous()


def _by_cell(values: Tensor) -> Tensor:
    """Return what the four patches over each pixel say of it: (n, rows, columns, 64) to (n, 4, h, w)."""
    n, rows, columns, _ = values.shape
    blocks = values.view(n, rows, columns, PATCH_PX, PATCH_PX)
    picked = []
    for down, right in _CORNERS:
        top, left = STRIDE_PX * (1 - down), STRIDE_PX * (1 - right)
        part = blocks[
            :,
            down : rows - 1 + down,
            right : columns - 1 + right,
            top : top + STRIDE_PX,
            left : left + STRIDE_PX,
        ]
        picked.append(
            part.permute(0, 1, 3, 2, 4).reshape(n, (rows - 1) * STRIDE_PX, (columns - 1) * STRIDE_PX)
        )
    return torch.stack(picked, dim=1)


def _spread_out(displacements: Tensor, down: int, right: int) -> Tensor:
    """Return the vectors of one corner's patches over their cells: (n, 2, rows, columns) to (n, 2, h, w)."""
    rows, columns = displacements.shape[2] - 1, displacements.shape[3] - 1
    part = displacements[:, :, down : down + rows, right : right + columns]
    whole = part[:, :, :, None, :, None].expand(-1, -1, -1, STRIDE_PX, -1, STRIDE_PX)
    return whole.reshape(*displacements.shape[:2], rows * STRIDE_PX, columns * STRIDE_PX)
