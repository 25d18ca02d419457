"""A small turn and change of scale of what the network sees, and the way back for the gradient.

What makes a network sure of a thing includes patterns that only work at one angle and size. Looking at every
step from a slightly other angle and distance leaves what holds for all of them: the transformation robustness
of tensorflow/lucid (Olah, Mordvintsev, Schubert, "Feature Visualization", 2017).

The gradient comes back through the turn the other way round, interpolated like the picture was. That is the
exact adjoint but for the finest grain; unlike the adjoint it adds no numbers in an order of the threads'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..reductions import row_chunks


@dataclass(frozen=True)
class Turn:
    """A turn about the middle, in degrees counter-clockwise, and a magnification; after both, `mirrored`
    exchanges left and right."""

    angle_deg: float = 0.0
    scale: float = 1.0
    mirrored: bool = False

    @property
    def _turns(self) -> bool:
        return self.angle_deg != 0.0 or self.scale != 1.0

    def there(self, picture: Tensor) -> Tensor:
        """Return a (n, c, h, w) picture turned; what comes in from beyond its edges is mirrored."""
        turned = _sampled(picture, self.angle_deg, 1.0 / self.scale) if self._turns else picture
        return turned.flip(-1) if self.mirrored else turned

    def back(self, gradient: Tensor) -> Tensor:
        """Return the gradient over the turned picture as one over the picture, (n, c, h, w)."""
        # Without the determinant of the turn, which is the same everywhere: steps are normalised.
        turned = gradient.flip(-1) if self.mirrored else gradient
        return _sampled(turned, -self.angle_deg, self.scale) if self._turns else turned


STRAIGHT = Turn()


def _sampled(picture: Tensor, angle_deg: float, reach: float) -> Tensor:
    """Return the picture read at places that are turned about its middle and `reach` times as far from it.

    Places are in pixels about the middle, and only then in the units of `grid_sample`, half a side each, so
    that a picture that is not square keeps its angles.
    """
    height, width = picture.shape[-2:]
    cosine, sine = (reach * turn(math.radians(angle_deg)) for turn in (math.cos, math.sin))
    y = torch.arange(height, dtype=torch.float32, device=picture.device) - (height - 1) / 2
    x = torch.arange(width, dtype=torch.float32, device=picture.device) - (width - 1) / 2
    result = torch.empty_like(picture, memory_format=torch.contiguous_format)
    for rows in row_chunks(height):  # the places to look at take as much memory as two channels
        down = y[rows, None]
        places = torch.stack(
            ((x * cosine - down * sine) * (2 / width), (x * sine + down * cosine) * (2 / height)), dim=-1
        )
        result[..., rows, :] = F.grid_sample(
            picture,
            places.expand(len(picture), -1, -1, -1),
            padding_mode="reflection",
            align_corners=False,
        )
    return result
