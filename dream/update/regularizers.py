"""Regularizers: blur of the picture, and the total variation of what was added to it."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..reductions import row_chunks

# Differences well below this count as none: total variation has no gradient where neighbours are equal, and
# the steps that follow it would swing to and fro there. A step of weight 1 and size 1/255 just settles.
_FLAT = 4.0 / 255.0


def total_variation_gradient(added: Tensor) -> Tensor:
    """Return the gradient of the total variation of (n, c, h, w) values, each from -4 to 4.

    Total variation is the sum over pixels of the length of the difference to the pixels below and to the
    right, of all channels together (Rudin, Osher and Fatemi, 1992; in colour, Bresson and Chan, 2008).
    """
    down = F.pad(added[..., 1:, :] - added[..., :-1, :], (0, 0, 0, 1))
    right = F.pad(added[..., :, 1:] - added[..., :, :-1], (0, 1))
    length = (down.square() + right.square()).sum(1, keepdim=True).add_(_FLAT**2).sqrt_()
    down /= length
    right /= length
    gradient = -(down + right)
    gradient[..., 1:, :] += down[..., :-1, :]
    gradient[..., :, 1:] += right[..., :, :-1]
    return gradient


def add_total_variation_gradient_(change: Tensor, added: Tensor, factor: float) -> None:
    """Add to `change`, in place, the gradient of the total variation of `added`, times `factor`.

    In chunks of rows, each with the row above and below it that it depends on.
    """
    height = added.shape[-2]
    for rows in row_chunks(height):
        top, bottom = max(rows.start - 1, 0), min(rows.stop + 1, height)
        gradient = total_variation_gradient(added[..., top:bottom, :])
        change[..., rows, :].add_(gradient[..., rows.start - top : rows.stop - top, :], alpha=factor)


def gaussian_blur(picture: Tensor, sigma_px: float) -> Tensor:
    """Return a (n, c, h, w) picture under a Gaussian blur of that deviation; beyond its edges it is mirrored.

    The kernel ends at four deviations.
    """
    result = torch.empty_like(picture)
    for number in range(picture.shape[1]):  # to save memory
        channel = picture[:, number : number + 1]
        for axis in (-2, -1):
            reach = min(math.ceil(4.0 * sigma_px), channel.shape[axis] - 1)
            if reach > 0:
                channel = _blurred_along(channel, axis, sigma_px, reach)
        result[:, number : number + 1] = channel
    return result


def _blurred_along(picture: Tensor, axis: int, sigma_px: float, reach: int) -> Tensor:
    place = torch.arange(-reach, reach + 1, dtype=torch.float32, device=picture.device)
    kernel = torch.exp(-0.5 * (place / sigma_px).square())
    kernel /= kernel.sum()
    down = axis == -2
    padded = F.pad(picture, (0, 0, reach, reach) if down else (reach, reach, 0, 0), mode="reflect")
    return F.conv2d(padded, kernel.reshape((1, 1, -1, 1) if down else (1, 1, 1, -1)))
