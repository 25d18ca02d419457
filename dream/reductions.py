"""Sums over large pictures: the same on every machine, and without copies of the whole picture.

In float64, so that the order in which threads add up does not reach the picture; and in chunks of rows, since
what is done pixel by pixel needs no copy of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

# A chunk of a picture of 7680 pixels across, three channels of float32, is 45 MiB.
_ROWS = 512


def row_chunks(height: int) -> Iterator[slice]:
    """Yield the rows of a picture of `height` rows, in order, some hundred at a time."""
    for top in range(0, height, _ROWS):
        yield slice(top, min(top + _ROWS, height))


def sum_dtype(device: torch.device) -> torch.dtype:
    """Return the number format to add up in: float64, or float32 on MPS, which has no other."""
    return torch.float32 if device.type == "mps" else torch.float64


def root_mean_square(gradient: Tensor) -> Tensor:
    """Return the root mean square of a (n, c, h, w) gradient, as a tensor of one number on its device."""
    wide = sum_dtype(gradient.device)
    sums = [gradient[..., rows, :].to(wide).square().sum() for rows in row_chunks(gradient.shape[-2])]
    return (torch.stack(sums).sum() / gradient.numel()).sqrt().to(gradient.dtype)


def normalise_(gradient: Tensor) -> Tensor:
    """Bring a (n, c, h, w) gradient, in place, to a mean absolute value of 1; one that is 0 stays so."""
    wide = sum_dtype(gradient.device)
    sums = [gradient[..., rows, :].abs().sum(dtype=wide) for rows in row_chunks(gradient.shape[-2])]
    mean = (torch.stack(sums).sum() / gradient.numel()).to(gradient.dtype)
    return gradient.div_(mean.clamp(min=torch.finfo(mean.dtype).tiny))
