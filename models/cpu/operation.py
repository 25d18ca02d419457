"""A step of a plan: what one or several layers compute, forward and back.

PyTorch's autograd goes back operation by operation and cannot see that the ReLU in front of a pooling needs
no pass of its own, or that two gradients can meet inside a convolution. A plan is gone back along by its own
steps instead. Values have the numbers of the graph (graph.py).

A gradient is `cut` when no part of it stands where the value, a ReLU's output, is not above 0: then it is the
gradient in front of the ReLU too. Steps that can cut on the way do, and the one that made the value has
nothing left to do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """Where a rectifier cuts values off, and how much of the gradient passes at either end."""

    most: float = math.inf
    """The largest value that passes; the least is 0."""
    below: float = 0.0
    """The share of the gradient where the value is not above 0."""
    above: float = 0.0
    """The share where it is `most`."""


RELU = Activation()


@dataclass
class Gradient:
    """The gradient at one value so far: a sum of what the steps behind it send."""

    tensor: Tensor
    cut: bool
    ours: bool
    """Whether nobody else holds the tensor, so that it may be changed in place."""


@dataclass
class Gradients:
    """Gradients by value number, while going back."""

    found: dict[int, Gradient] = field(default_factory=dict)

    def add(self, value: int, tensor: Tensor, *, cut: bool = False, ours: bool = True) -> None:
        """Add a part of a value's gradient."""
        slope = self.found.get(value)
        if slope is None:
            self.found[value] = Gradient(tensor, cut, ours)
            return
        slope.tensor = slope.tensor.add_(tensor) if slope.ours else slope.tensor + tensor
        slope.cut, slope.ours = slope.cut and cut, True

    def take(self, value: int) -> Gradient | None:
        """Return a value's gradient, all parts of which have been added, and forget it."""
        return self.found.pop(value, None)

    def growing(self, value: int) -> Gradient | None:
        """Return a gradient that has a part already and may be added to in place."""
        slope = self.found.get(value)
        return slope if slope is not None and slope.ours else None


class Operation(Protocol):
    """What the plan executes; steps hold no tensors but weights."""

    names: tuple[str, ...]
    """The layers it stands for, in order of execution; the first is named in errors."""
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the tops, and with `keep` whatever `backward` needs; ValueError where sizes do not suit.

        Bottoms belong to others and are not changed. A top may be a bottom itself.
        """
        ...

    def backward(self, kept: Any, slopes: Gradients) -> None:
        """Take the tops' gradients and add what they ask of the bottoms; `kept` may be asked for again."""
        ...
