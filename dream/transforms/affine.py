"""Affine jitter: a small rotation and change of scale of what the network sees, undone for the gradient.

What makes a network sure of a thing includes patterns that only work at one angle and size. Looking at every
step from a slightly other angle and distance leaves what holds for all of them: the transformation robustness
of tensorflow/lucid (Olah, Mordvintsev, Schubert, "Feature Visualization", 2017).

The gradient comes back through the inverse, interpolated like the picture was. That is the exact adjoint but
for the finest grain; unlike the adjoint it adds no numbers in an order of the threads'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..reductions import row_chunks


@dataclass(frozen=True)
class AffineJitter:
    """A rotation about the middle, in degrees counter-clockwise, and a magnification; after both, `mirrored`
    exchanges left and right."""

    angle_deg: float = 0.0
    scale: float = 1.0
    mirrored: bool = False

    @property
    def _resamples(self) -> bool:
        return self.angle_deg != 0.0 or self.scale != 1.0

    def apply(self, picture: Tensor) -> Tensor:
        """Return a (n, c, h, w) picture transformed; what comes in from beyond its edges is mirrored."""
        seen = _sampled(picture, self.angle_deg, 1.0 / self.scale) if self._resamples else picture
        return seen.flip(-1) if self.mirrored else seen

    def undo(self, gradient: Tensor) -> Tensor:
        """Return the gradient over the transformed picture as one over the picture, (n, c, h, w)."""
        # Without the determinant of the transform, which is the same everywhere: steps are normalised.
        unmirrored = gradient.flip(-1) if self.mirrored else gradient
        return _sampled(unmirrored, -self.angle_deg, self.scale) if self._resamples else unmirrored


IDENTITY = AffineJitter()


def _sampled(picture: Tensor, angle_deg: float, reach: float) -> Tensor:
    """Return the picture read at places that are rotated about its middle and `reach` times as far from it.

    Places are in pixels about the middle, and only then in the units of `grid_sample`, half a side each, so
    that a picture that is not square keeps its angles.
    """
    height, width = picture.shape[-2:]
    cosine, sine = (reach * of(math.radians(angle_deg)) for of in (math.cos, math.sin))
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
