"""Gradient ascent at one octave: shift, look, smooth, step, clamp; again.

The step is google/deepdream's: the gradient divided by its mean absolute value, so that the step size is the
mean change of a pixel whatever the network's scale. It is normalised once over the whole frame, never tile by
tile (which drew the seed's grid), and clamped to what a picture can hold.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from .border import Window
from .config import OctavePlan
from .gradient import GradientField
from .smoothing import smoothed

Shift = tuple[int, int]


def ascend(
    picture: Tensor,
    field: GradientField,
    plan: OctavePlan,
    shifts: Iterable[Shift],
    border_px: int,
    smallest: tuple[int, int],
    spectrum: float,
) -> Tensor:
    """Return `picture` (1, 3, h, w), RGB 0..1, after one step per entry of `shifts` ((y, x), 0..jitter_px).

    `smallest` is the (height, width) of the smallest window the network can score. A gradient that is zero
    everywhere leaves the picture as it is.
    """
    scales = (0.0,) * len(field.objective.terms)
    height, width = picture.shape[-2:]
    for shift in shifts:
        window = Window.around((height, width), border_px, plan.jitter_px, smallest, field.stride, shift)
        pixels = window.fill(picture)
        if 0.0 in scales:  # not weighed yet, or a term that was silent so far
            scales = balance(field, pixels)
        gradient = smoothed(field(pixels, scales), spectrum, plan.sigma_px)
        picture = step(picture, window.crop(gradient), plan.step_size)
    return picture


def step(picture: Tensor, gradient: Tensor, step_size: float) -> Tensor:
    """Return the picture moved along the gradient by `step_size` / 255 per pixel on average, within 0..1."""
    # In float64, so that the order in which threads add up does not reach the picture (MPS has none).
    wide = torch.float32 if gradient.device.type == "mps" else torch.float64
    mean = gradient.abs().mean(dtype=wide).to(gradient.dtype)
    unit = torch.where(mean > 0, gradient / mean.clamp(min=torch.finfo(mean.dtype).tiny), 0.0)
    return (picture + unit * (step_size / 255.0)).clamp_(0.0, 1.0)


def balance(field: GradientField, pixels: Tensor) -> tuple[float, ...]:
    """Return one scale per term so that terms of equal weight push equally hard.

    A single term needs no balance. Otherwise each term's weight is divided by the root mean square of its own
    gradient at these pixels (0 where it has none).
    """
    terms = field.objective.terms
    if len(terms) == 1:
        return (terms[0].weight,)
    scales = []
    for index, term in enumerate(terms):
        alone = tuple(float(other == index) for other in range(len(terms)))
        size = float(field(pixels, alone).cpu().double().square().mean().sqrt())
        scales.append(term.weight / size if size > 0 else 0.0)
    return tuple(scales)
