"""Gradient ascent at one octave: shift, look, filter, step; again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from .config.schedule import OctavePlan
from .config.step import StepConfig
from .gradient.function import GradientFunction
from .objective import Maps, share_reached
from .spectrum import SpectralFilter
from .tiling.tiling import Tiling
from .transforms.image_mixing import mix_in_
from .transforms.jitter import StepTransform
from .transforms.view import View
from .update.equalise import equalise_
from .update.optimizer import Optimizer


@dataclass(frozen=True)
class Ascent:
    """What one octave is climbed with: how the picture is met, with which steps, under which maps.

    `maps` are the weight maps of the objective, (1, 1, h, w) like the octave's picture; `source` is that
    picture before anything was dreamt, for the tools that compare with it;
    `mask`, (1, 1, h, w) 0..1, scales every step. `grey` changes all channels alike, in light and dark only.
    """

    tiling: Tiling
    config: StepConfig
    plan: OctavePlan
    maps: Maps
    source: Tensor | None = None
    mask: Tensor | None = None
    grey: bool = False


def ascend(picture: Tensor, ascent: Ascent, transforms: Iterable[StepTransform]) -> Tensor:
    """Move `picture` (1, 3, h, w), RGB 0..1, in place, by one step per entry of `transforms`, and return it.

    There are as many transforms as the plan has iterations.

    A step looks through the views of the tiling, one after another; after each, the region of the picture
    in view is moved (for all but the spiral and random crops, one view and the whole picture). A gradient
    that is zero everywhere leaves the picture as it is. Where all targets keep to maps, steps are scaled by
    the share of the view that these reach: a class in a corner dreams there as strongly as it would
    everywhere, instead of gathering the whole picture's step in its corner.
    """
    config, plan, tiling = ascent.config, ascent.plan, ascent.tiling
    scales = (0.0,) * len(tiling.gradient.objective.terms)
    size = (picture.shape[-2], picture.shape[-1])
    filtered = SpectralFilter(config.gradient, config.spectrum + plan.spectrum_added)
    optimizer = Optimizer(picture, config, ascent.source, ascent.mask, grey=ascent.grey)
    for number, transform in enumerate(transforms):
        step_size, sigma_px, blur_px = (
            ramp.at(number, plan.iterations) for ramp in (plan.step_size, plan.sigma_px, plan.blur_px)
        )
        for view in tiling.views(size, plan.jitter_px, transform.shift, number):
            gradient, reached, scales = _look(picture, view, ascent, transform, number, scales)
            gradient = filtered(view.unrolled(gradient), sigma_px, view.over_picture)
            if plan.evenness and not ascent.maps:  # maps say where to dream, and where not
                equalise_(gradient, plan.evenness)
            optimizer.step(view.region, gradient, step_size * reached, blur_px)
    return picture


def _look(
    picture: Tensor,
    view: View,
    ascent: Ascent,
    transform: StepTransform,
    number: int,
    scales: tuple[float, ...],
) -> tuple[Tensor, float, tuple[float, ...]]:
    """Return the gradient over a view, the share of it that the targets reach, and the terms' scales."""
    gradient_of, affine = ascent.tiling.gradient, transform.affine
    pixels = view.fill(picture)
    if ascent.config.admix and ascent.source is not None:
        mix_in_(pixels, view, ascent.source, ascent.config.admix, transform.mixing_offset, number)
    pixels = affine.apply(pixels)
    maps = {name: affine.apply(view.fill_map(whole)) for name, whole in ascent.maps.items()}
    scales, gradient = balance(gradient_of, pixels, maps, scales)
    gradient = affine.undo(gradient_of(pixels, scales, maps) if gradient is None else gradient)
    if ascent.grey:
        gradient[:] = gradient.mean(1, keepdim=True)
    return gradient, share_reached(gradient_of.objective.regions, maps), scales


def balance(
    gradient_of: GradientFunction, pixels: Tensor, maps: Maps, scales: tuple[float, ...]
) -> tuple[tuple[float, ...], Tensor | None]:
    """Return one scale per term so that terms of equal weight push equally hard; perhaps their gradient too.

    Scales that are not 0 stay: a term is weighed once, where it first has a say. A single term needs no
    balance. Otherwise a term's weight is divided by the root mean square of its own gradient at these pixels
    (0 where it has none), taken over the share of them that the term's maps reach.

    Where all terms are weighed here and are one network's, their gradients add up to that of the objective,
    which need not be asked for again. (Several networks' are joined in another way.)
    """
    terms = gradient_of.objective.terms
    if len(terms) == 1:
        return (terms[0].weight,), None
    total = None if any(scales) or len(gradient_of.parts) > 1 else torch.zeros_like(pixels)
    weighed = (scale or _scale(gradient_of, index, pixels, maps, total) for index, scale in enumerate(scales))
    return tuple(weighed), total


def _scale(
    gradient_of: GradientFunction, index: int, pixels: Tensor, maps: Maps, total: Tensor | None
) -> float:
    """Return a term's scale, and add its gradient, scaled, to `total`."""
    terms = gradient_of.objective.terms
    reached = share_reached(terms[index].regions, maps)
    if reached == 0:
        return 0.0
    alone = tuple(float(other == index) for other in range(len(terms)))
    gradient = gradient_of(pixels, alone, maps)
    size = float(gradient.cpu().double().square().mean().sqrt())
    scale = terms[index].weight * math.sqrt(reached) / size if size > 0 else 0.0
    if total is not None:
        total.add_(gradient, alpha=scale)
    return scale
