"""From coarse to fine: on every scale, patches are sought from where the coarser one led."""

from __future__ import annotations

import torch
from torch import Tensor

from .densify import densify
from .patches import centres, cut, search
from .pyramid import finer, pyramid, sampled
from .refinement import refine

# Rounds of the search. On the coarsest scale patches begin from nothing; on the finest they are nearly there,
# and neighbours would take most of the memory. With one round between, fast things are missed.
_FINEST, _BETWEEN, _COARSEST = 0, 2, 4


def dense_flow(still: Tensor, moving: Tensor) -> Tensor:
    """Return the field (n, 2, h, w) from pixels of the still frames (n, 1, h, w) to the moving ones."""
    stills, movings = pyramid(still), pyramid(moving)
    field = torch.zeros((still.shape[0], 2, *stills[-1].shape[2:]), device=still.device)
    for scale in reversed(range(len(stills))):
        size = (stills[scale].shape[2], stills[scale].shape[3])
        if scale < len(stills) - 1:
            field = finer(field, size)
        rounds = _COARSEST if scale == len(stills) - 1 else _BETWEEN if scale else _FINEST
        field = _searched(stills[scale], movings[scale], field, rounds)
        field = refine(stills[scale], movings[scale], field)
    return field


def _searched(still: Tensor, moving: Tensor, field: Tensor, rounds: int) -> Tensor:
    patches = cut(still)
    start = sampled(field, *centres(still.shape[2], still.shape[3], still.device))
    return densify(patches, moving, search(patches, moving, start, rounds))
