"""How patches of one frame lie in the other: the dense inverse search itself.

Patches of 8x8 pixels begin every 4 pixels, so each cell of 4x4 is seen by four of them:

        -4    0    4    8            the first patch begins at -4, before the border; what lies there has no
         +----+----+                 say in where the patch goes
         | patch 0 |
         +----+----+----+
              | patch 1 |

For every patch the displacement u with the least sum of squares, brightness left open,

    sum over the patch of (I1(x + u) - I0(x) - mean)^2,

is sought by inverse-compositional Gauss-Newton (Baker and Matthews, IJCV 2004; Kroeger et al., Fast Optical
Flow using Dense Inverse Search, ECCV 2016): the gradient is the still patch's, so its normal matrix is
inverted once. Two things are different:

- Kroeger's patches begin from the coarser scale alone. Here, as in OpenCV, they also try what their
  neighbours found: all at once, in rounds, where OpenCV goes from one to the next.
- A patch is drawn back to where it began by a pull that only flat patches feel: without it they follow
  noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .pyramid import as_share, derivative, sampled_at_shares

PATCH_PX, STRIDE_PX = 8, 4

# How firmly a patch is drawn back to where it began, as a sum of squared gradients, in levels per pixel, over
# the patch: one level per pixel. With less, less of a real clip is believed; with more, fast things are lost.
_ANCHORAGE = 64.0

# A patch that strays further than its own size from where it began has lost its content.
_FURTHEST_PX = float(PATCH_PX)

# A neighbour's displacement must be better by this much, in levels squared over the patch.
_RELUCTANCE = 32.0

_STEPS = 5


@dataclass(frozen=True)
class Patches:
    """The still frame's patches and what the search needs of them: (n, rows, columns, 64), or 1 for n."""

    pixels: Tensor
    descent: Tensor
    """How far right and down a residual of 1 at a pixel asks the patch to go, (n, 2, rows, columns, 64)."""
    pull: Tensor
    """How far one pixel away from the start asks it to go back, (n, 2, 2, rows, columns)."""
    x: Tensor
    """The pixels' columns, as shares of the frame."""
    y: Tensor
    inside: Tensor
    """1 for pixels of the frame, 0 beyond the border."""


def cut(still: Tensor) -> Patches:
    """Cut frames (n, 1, h, w) into patches."""
    height, width = still.shape[2:]
    x, y = _patch_places(height, width, still.device)
    inside = ((x >= 0) & (x < width) & (y >= 0) & (y < height)).float()
    across, down = (_centred(_patches_of(derivative(still, axis)), inside) for axis in (3, 2))
    xx = across.square().sum(dim=-1) + _ANCHORAGE
    yy = down.square().sum(dim=-1) + _ANCHORAGE
    xy = (across * down).sum(dim=-1)
    inverse = torch.stack([yy, -xy, -xy, xx], dim=1) / (xx * yy - xy * xy)[:, None]
    inverse = inverse.reshape(len(still), 2, 2, *xx.shape[1:])
    descent = inverse[:, :, 0, ..., None] * across[:, None] + inverse[:, :, 1, ..., None] * down[:, None]
    shares = as_share(x, width), as_share(y, height)
    return Patches(_patches_of(still), descent, _ANCHORAGE * inverse, *shares, inside)


def search(patches: Patches, moving: Tensor, start: Tensor, rounds: int) -> Tensor:
    """Return the patches' displacements (n, 2, rows, columns) in the moving frames, begun at `start`.

    In every round they try their neighbours' and go on from the best; without rounds each goes on alone.
    """
    found = start if rounds else _descended(patches, moving, start)
    for _ in range(rounds):
        found = _best_of_neighbours(patches, moving, found)
        found = _descended(patches, moving, found)
    return found


def residuals(patches: Patches, moving: Tensor, displacements: Tensor) -> Tensor:
    """Return moving minus still pixels for k displacements a patch: (n, k, 2, r, c) to (n, k, r, c, 64)."""
    height, width = moving.shape[2:]
    x = torch.add(patches.x[:, None], displacements[:, :, 0, :, :, None], alpha=2 / width)
    y = torch.add(patches.y[:, None], displacements[:, :, 1, :, :, None], alpha=2 / height)
    flat = (x.shape[0], -1, PATCH_PX * PATCH_PX)
    shown = sampled_at_shares(moving, x.reshape(flat), y.reshape(flat))
    return shown.view(x.shape) - patches.pixels[:, None]


def centres(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the columns and rows (1, rows, columns) of the patches' centres."""
    x, y = _patch_places(height, width, device)
    return x.mean(dim=-1), y.mean(dim=-1)


def _descended(patches: Patches, moving: Tensor, start: Tensor) -> Tensor:
    found = start
    for _ in range(_STEPS):
        step = (patches.descent * residuals(patches, moving, found[:, None])).sum(dim=-1)
        back = (patches.pull * (found - start)[:, None]).sum(dim=2)
        found = found - (step + back)
    strayed = (found - start).square().sum(dim=1, keepdim=True) > _FURTHEST_PX**2
    return torch.where(strayed, start, found)


def _best_of_neighbours(patches: Patches, moving: Tensor, found: Tensor) -> Tensor:
    """Give every patch the displacement, of its own and its four neighbours', under which it fits best."""
    rows, columns = found.shape[2:]
    wide = F.pad(found, (1, 1, 1, 1), mode="replicate")
    moves = ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    offered = torch.stack([wide[:, :, r : r + rows, c : c + columns] for r, c in moves], dim=1)
    costs = _spread(residuals(patches, moving, offered), patches.inside[:, None])
    costs[:, 1:] += _RELUCTANCE
    best = costs.argmin(dim=1)[:, None, None].expand(-1, 1, 2, -1, -1)
    return offered.gather(1, best)[:, 0]


def _spread(residual: Tensor, inside: Tensor) -> Tensor:
    """Return the sum of squares about the mean, of the pixels inside."""
    within = residual * inside
    return within.square().sum(dim=-1) - within.sum(dim=-1).square() / inside.sum(dim=-1)


def _centred(values: Tensor, inside: Tensor) -> Tensor:
    """Return values less their patch's mean, and 0 beyond the border."""
    mean = (values * inside).sum(dim=-1, keepdim=True) / inside.sum(dim=-1, keepdim=True)
    return (values - mean) * inside


def _patches_of(frames: Tensor) -> Tensor:
    height, width = frames.shape[2:]
    edge = [
        beyond
        for length in (width, height)
        for beyond in (STRIDE_PX, _cells(length) * STRIDE_PX + 4 - length)
    ]
    wide = F.pad(frames, edge, mode="replicate")
    cut = wide[:, 0].unfold(1, PATCH_PX, STRIDE_PX).unfold(2, PATCH_PX, STRIDE_PX)
    return cut.reshape(*cut.shape[:3], PATCH_PX * PATCH_PX)


def _patch_places(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    within = torch.arange(PATCH_PX, dtype=torch.float32, device=device) - STRIDE_PX
    begins = [
        torch.arange(_cells(length) + 1, dtype=torch.float32, device=device) * STRIDE_PX
        for length in (height, width)
    ]
    shape = (1, len(begins[0]), len(begins[1]), PATCH_PX, PATCH_PX)
    x = (begins[1][:, None, None] + within).expand(shape).reshape(*shape[:3], -1)
    y = (begins[0][:, None, None, None] + within[:, None]).expand(shape).reshape(*shape[:3], -1)
    return x, y


def _cells(length: int) -> int:
    return -(-length // STRIDE_PX)
