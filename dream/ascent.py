"""Gradient ascent at one octave: shift, look, smooth, step; again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from .config.schedule import OctavePlan
from .config.step import StepConfig
from .gradient.function import GradientFunction
from .objective import Maps, share_reached
from .spectrum import Smoothing
from .tiling.tiling import Tiling
from .transforms.image_mixing import admix_
from .transforms.jitter import Move
from .update.equalise import evened_
from .update.step import Steps


@dataclass(frozen=True)
class Climb:
    """What one octave is climbed with: how the picture is met, with which steps, under which maps.

    `maps` are the weight maps of the objective, (1, 1, h, w) like the octave's picture; `source` is that
    picture before anything was dreamt, for the tools that compare with it;
    `mask`, (1, 1, h, w) 0..1, scales every step. `grey` changes all channels alike, in light and dark only.
    """

    tiling: Tiling
    rule: StepConfig
    plan: OctavePlan
    maps: Maps
    source: Tensor | None = None
    mask: Tensor | None = None
    grey: bool = False


def ascend(picture: Tensor, climb: Climb, moves: Iterable[Move]) -> Tensor:
    """Move `picture` (1, 3, h, w), RGB 0..1, in place, by one step per entry of `moves`, and return it.

    There are as many moves as the plan has iterations.

    A step looks through the windows of the tiling, one after another; after each, the region of the picture
    under it is moved (for all but the spiral and random crops, one window and the whole picture). A gradient
    that is zero everywhere leaves the picture as it is. Where all targets keep to maps, steps are scaled by
    the share of the window that these reach: a class in a corner dreams there as strongly as it would
    everywhere, instead of gathering the whole picture's step in its corner.
    """
    field, plan = climb.tiling.field, climb.plan
    scales = (0.0,) * len(field.objective.terms)
    size = (picture.shape[-2], picture.shape[-1])
    smoothed = Smoothing(climb.rule.gradient, climb.rule.spectrum + plan.spectrum_added)
    steps = Steps(picture, climb.rule, climb.source, climb.mask, grey=climb.grey)
    for number, move in enumerate(moves):
        step_size, sigma_px, blur_px = (
            ramp.at(number, plan.iterations) for ramp in (plan.step_size, plan.sigma_px, plan.blur_px)
        )
        for window in climb.tiling.windows(size, plan.jitter_px, move.shift, number):
            pixels = window.fill(picture)
            if climb.rule.admix and climb.source is not None:
                admix_(pixels, window, climb.source, climb.rule.admix, move.admixed, number)
            pixels = move.turn.there(pixels)
            around = {name: move.turn.there(window.fill_map(whole)) for name, whole in climb.maps.items()}
            scales = balance(field, pixels, around, scales)
            gradient = move.turn.back(field(pixels, scales, around))
            if climb.grey:
                gradient[:] = gradient.mean(1, keepdim=True)
            reached = share_reached(field.objective.regions, around)
            del pixels, around  # a large frame's are large
            gradient = smoothed(window.unrolled(gradient), sigma_px, window.over_picture)
            if plan.evenness and not climb.maps:  # maps say where to dream, and where not
                evened_(gradient, plan.evenness)
            steps.take(window.region, gradient, step_size * reached, blur_px)
    return picture


def balance(
    field: GradientFunction, pixels: Tensor, maps: Maps, scales: tuple[float, ...]
) -> tuple[float, ...]:
    """Return one scale per term so that terms of equal weight push equally hard.

    Scales that are not 0 stay: a term is weighed once, where it first has a say. A single term needs no
    balance. Otherwise a term's weight is divided by the root mean square of its own gradient at these pixels
    (0 where it has none), taken over the share of them that the term's maps reach.
    """
    terms = field.objective.terms
    if len(terms) == 1:
        return (terms[0].weight,)
    return tuple(scale or _scale(field, index, pixels, maps) for index, scale in enumerate(scales))


def _scale(field: GradientFunction, index: int, pixels: Tensor, maps: Maps) -> float:
    term = field.objective.terms[index]
    reached = share_reached(term.regions, maps)
    if reached == 0:
        return 0.0
    alone = tuple(float(other == index) for other in range(len(field.objective.terms)))
    size = float(field(pixels, alone, maps).cpu().double().square().mean().sqrt())
    return term.weight * math.sqrt(reached) / size if size > 0 else 0.0
