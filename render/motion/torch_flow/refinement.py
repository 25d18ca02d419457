"""A field made smooth where the pictures allow it, and better than its patches where they tell more.

Least of, over the pixels, with w the flow (Brox et al., High Accuracy Optical Flow Estimation Based on a
Theory for Warping, ECCV 2004; normalised as in Zimmer, Bruhn and Weickert, Optic Flow in Harmony, IJCV 2011):

    delta psi(|I1(x + w) - I0|^2 / N) + gamma psi(|grad I1(x + w) - grad I0|^2 / N') + alpha psi(|grad w|^2)

psi(s^2) = sqrt(s^2 + eps^2) bears occlusions and edges, the gradients bear changes of light, N is the squared
gradient, so that strong edges do not outweigh all. The second frame is warped once and taken for linear
around the field. Then, in turn, the weights psi' are fixed and the sparse linear system is solved, for both
directions at once: by Jacobi iteration in blocks of 2x2 with Chebyshev's acceleration (Golub and Varga,
Numerische Mathematik 1961), about as fast as successive over-relaxation, and every pixel at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .pyramid import derivative, places, sampled

# OpenCV's, for its dense inverse search. A smaller alpha follows small things better, and noise too.
_DELTA, _GAMMA, _ALPHA = 5.0, 10.0, 20.0
_EPSILON = 0.001

# A gradient, in levels per pixel, that counts as noise: added to N, where OpenCV has 0.1.
_ZETA = 1.0

# Fewer leave the patches' noise in flat regions.
_WEIGHTINGS, _SWEEPS = 5, 8

# The spectral radius that the acceleration reckons with.
_RADIUS = 0.98


@dataclass(frozen=True)
class Equations:
    """Three linear equations a pixel, x u + y v = value, for grey and its derivatives: (n, 3, h, w)."""

    x: Tensor
    y: Tensor
    value: Tensor
    products: Tensor
    """xx, xy, yy, x value and y value of each, (n, 5, 3, h, w); 0 where the other frame does not show it."""


def refine(still: Tensor, moving: Tensor, field: Tensor) -> Tensor:
    """Return the field (n, 2, h, w) from the still to the moving frames (n, 1, h, w), refined."""
    equations = _linearised(still, moving, field)
    for _ in range(_WEIGHTINGS):
        field = _solved(_normal_equations(equations, field), *_smoothness(field), field)
    return field


def _linearised(still: Tensor, moving: Tensor, field: Tensor) -> Equations:
    """Return what constancy of grey and of its derivatives asks for around a field."""
    height, width = still.shape[2:]
    columns, rows = places(height, width, still.device)
    at_x, at_y = columns + field[:, 0], rows + field[:, 1]
    seen = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    warped = sampled(moving, at_x, at_y)
    x, y = _with_derivatives((still + warped) / 2, 3), _with_derivatives((still + warped) / 2, 2)
    change = warped - still
    changes = torch.cat([change, derivative(change, 3), derivative(change, 2)], dim=1)
    norm = (x.square() + y.square() + _ZETA**2).rsqrt()
    x, y = x * norm, y * norm
    value = x * field[:, :1] + y * field[:, 1:] - changes * norm
    products = torch.stack([x * x, x * y, y * y, x * value, y * value], dim=1)
    return Equations(x, y, value, products * seen[:, None, None])


def _with_derivatives(frames: Tensor, axis: int) -> Tensor:
    """Return the derivative along an axis, and that one's derivatives along x and y, as three channels."""
    gradient = derivative(frames, axis)
    return torch.cat([gradient, derivative(gradient, 3), derivative(gradient, 2)], dim=1)


def _normal_equations(equations: Equations, field: Tensor) -> Tensor:
    """Return, under the weights of a field, xx, xy, yy and both right sides (n, 5, h, w)."""
    errors = torch.addcmul(equations.x * field[:, :1], equations.y, field[:, 1:]) - equations.value
    squares = errors.square() + _EPSILON**2
    grey = _DELTA * squares[:, :1].rsqrt()
    gradients = _GAMMA * (squares[:, 1:2] + squares[:, 2:]).rsqrt()
    weights = torch.cat([grey, gradients, gradients], dim=1)
    return (equations.products * weights[:, None]).sum(dim=2)


def _smoothness(field: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weights between neighbours: side by side (n, 1, h, w + 1), up and down (n, 1, h + 1, w)."""
    wide = F.pad(field, (1, 1, 1, 1), mode="replicate")
    right = wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]
    down = wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]
    gradients = (right.square() + down.square()).sum(dim=1, keepdim=True) / 4
    half = _ALPHA / 2 * (gradients + _EPSILON**2).rsqrt()
    beside = F.pad(half[..., 1:] + half[..., :-1], (1, 1, 0, 0))
    above = F.pad(half[..., 1:, :] + half[..., :-1, :], (0, 0, 1, 1))
    return beside, above


def _solved(normal: Tensor, beside: Tensor, above: Tensor, start: Tensor) -> Tensor:
    """Return the field that the equations and its neighbours ask for, begun at `start`."""
    left, right, up, down = beside[..., :-1], beside[..., 1:], above[..., :-1, :], above[..., 1:, :]
    inverse = _block_inverse(normal, left + right + up + down)
    fields = [
        F.pad(start, (1, 1, 1, 1)),
        F.pad(start, (1, 1, 1, 1)),
    ]  # wider by 1, so that all have neighbours
    pull = 1.0
    for sweep in range(_SWEEPS):
        before, now = fields
        sums = torch.addcmul(normal[:, 3:], left, now[..., 1:-1, :-2])
        sums.addcmul_(right, now[..., 1:-1, 2:])
        sums.addcmul_(up, now[..., :-2, 1:-1])
        sums.addcmul_(down, now[..., 2:, 1:-1])
        pull = 1.0 if sweep == 0 else 1 / (1 - _RADIUS**2 * pull / (2 if sweep == 1 else 4))
        before[..., 1:-1, 1:-1].lerp_((inverse * sums[:, None]).sum(dim=2), pull)
        fields = [now, before]
    return fields[1][..., 1:-1, 1:-1].contiguous()


def _block_inverse(normal: Tensor, whole: Tensor) -> Tensor:
    """Return the inverse (n, 2, 2, h, w) of every pixel's own block of the matrix."""
    xx, xy, yy = normal[:, :1] + whole, normal[:, 1:2], normal[:, 2:3] + whole
    blocks = torch.cat([yy, -xy, -xy, xx], dim=1) / (xx * yy - xy * xy)
    return blocks.reshape(len(blocks), 2, 2, *blocks.shape[2:])
