"""Where a flow can be believed: one rule for both estimators, each of which applies it to arrays of its own.

    consistent    following the flow back, and forth again, ends near where it began:

                      |w + w'|^2 < tolerance (|w|^2 + |w'|^2) + slack

                  with w the flow back and w' the flow forth where w leads to: Sundaram, Brox and Keutzer,
                  Dense Point Trajectories by GPU-Accelerated Large Displacement Optical Flow, ECCV 2010.
                  What comes from beyond the border is new.
    filled        On a flat wall or a dark coat nothing tells one place from the next. There the flow forth
                  and back wander off each on its own, and consistency calls for a new start, frame after
                  frame, though nothing is new. So the flow around such a hole is smoothed into it, and is
                  believed where it leads to the same grey. What something moving has uncovered leads to
                  that thing, and stays new.
    softened      The edges of what is believed are soft, and lie wholly on its side: what is new stays new.

How arrays are sampled, blurred and scaled is each estimator's own, and so these steps exist twice:
`opencv_confidence` for OpenCV's, `torch_flow.confidence` for PyTorch's. What they decide by is here alone. It
uses nothing but operators, which NumPy's arrays and tensors share.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ..settings.flow import FlowConfig

Plane: TypeAlias = Any
"""An array or a tensor of any shape: one component of all vectors, or one value of all places."""

HOLE_SHRINK, HOLE_SIGMA_PX = 4, 5.0
"""The flow around holes is smoothed at a quarter of the size, with this deviation in small pixels."""

LEAST_AROUND = 1e-3
"""Below this share of believed places around, nothing is known of a hole: so it is filled as far in as four
deviations reach."""

COMPARED_PX, GRADIENT_SHARE = 2.0, 0.3
"""Greys are compared over so many pixels, and may differ by so much more for each level a pixel of gradient:
flow is a bit off anywhere, and shows it at edges."""

ALIKE_PX = 7
"""A place and all around it must be alike: between unlike things a few pixels are so by chance."""


def inside(x: Plane, y: Plane, height: int, width: int) -> Plane:
    """Tell of places, by column and row, which are within a frame."""
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


def returns(back: tuple[Plane, Plane], forth: tuple[Plane, Plane], config: FlowConfig) -> Plane:
    """Tell where flows, to the right and down, agree; `forth` is what is found where `back` leads."""
    squares = _squared_length(*back) + _squared_length(*forth)
    astray = _squared_length(back[0] + forth[0], back[1] + forth[1])
    return astray < config.tolerance * squares + config.slack_px2


def is_unlike(difference: Plane, gradient: Plane, config: FlowConfig) -> Plane:
    """Tell where greys differ by more than a shift could make them, given both in levels over COMPARED_PX."""
    return abs(difference) >= config.fill_levels + GRADIENT_SHARE * gradient


def _squared_length(x: Plane, y: Plane) -> Plane:
    return x * x + y * y
