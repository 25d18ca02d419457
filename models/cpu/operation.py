"""An operation of a program: what one or several layers compute, forward and backward.

PyTorch's autograd goes backward one function at a time and cannot see that the ReLU in front of a pooling
needs no pass of its own, or that two gradients can meet inside a convolution. A program goes backward through
its own operations instead. Values have the numbers of the graph (graph/graph.py).

A gradient is *masked* when it is zero wherever the value, a ReLU's output, is not above 0: then it is the
gradient in front of the ReLU too. Operations that can mask on the way do, and the one that made the value has
nothing left to do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor


class OperationError(Exception):
    """A layer does not work on what it gets; `__cause__` says why."""

    def __init__(self, layer: str) -> None:
        self.layer = layer
        super().__init__(layer)


@dataclass(frozen=True)
class Activation:
    """A ReLU, or one with a limit (ReLU6), and how much of the gradient leaks through at either end."""

    limit: float = math.inf
    """The largest value that passes; the least is 0."""
    leak_below: float = 0.0
    """The share of the gradient where the value is not above 0."""
    leak_above: float = 0.0
    """The share where it is at the limit."""


RELU = Activation()


@dataclass
class Gradient:
    """The gradient at one value so far: a sum of what the operations that read it send."""

    tensor: Tensor
    masked: bool
    owned: bool
    """Whether nobody else holds the tensor, so that it may be changed in place."""


@dataclass
class Gradients:
    """Gradients by value number, while going backward."""

    found: dict[int, Gradient] = field(default_factory=dict)

    def add(self, value: int, tensor: Tensor, *, masked: bool = False, owned: bool = True) -> None:
        """Add a part of a value's gradient."""
        so_far = self.found.get(value)
        if so_far is None:
            self.found[value] = Gradient(tensor, masked, owned)
            return
        so_far.tensor = so_far.tensor.add_(tensor) if so_far.owned else so_far.tensor + tensor
        so_far.masked, so_far.owned = so_far.masked and masked, True

    def take(self, value: int) -> Gradient | None:
        """Return a value's gradient, all parts of which have been added, and forget it."""
        return self.found.pop(value, None)

    def part_to_add_to(self, value: int) -> Gradient | None:
        """Return a map's gradient that has a part already and may be added to in place by compiled loops.

        Nobody else holds it, and it lies in channels_last order without gaps.
        """
        part = self.found.get(value)
        if part is None or not part.owned:
            return None
        return part if part.tensor.permute(0, 2, 3, 1).is_contiguous() else None


class Operation(Protocol):
    """What a program executes; operations hold no tensors but weights."""

    layers: tuple[str, ...]
    """The layers it stands for, in order of execution; the first is named in errors."""
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the tops, and with `keep` whatever `backward` needs; ValueError where sizes do not suit.

        Bottoms belong to others and are not changed. A top may be a bottom itself.
        """
        ...

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Take the tops' gradients and add what they ask of the bottoms; `kept` may be asked for again."""
        ...
