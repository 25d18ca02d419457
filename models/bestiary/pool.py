"""The pool of recent pictures that batches are taken from, each drawn once and used in several steps.

The pictures come in blocks of an equal part of a batch, and step ``s`` takes one block of every age. With
four uses of a picture:

    block  s                  s + spacing        s + 2 spacing      s + 3 spacing
           used for the last  used twice         used once          new
           time now           before             before

What a step gets is a function of the seed and the step's number: a run that goes on somewhere in the middle
has the blocks drawn again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .catalogue import class_names
from .drawn import Block, draw_block, drawn_px, label_of, labels_of
from .workers import DrawnAhead


@dataclass(frozen=True)
class PoolPlan:
    """How many pictures make a batch, how often each is used and how many steps lie between two uses.

    ``bare`` is the number of bare backgrounds per picture of a class; ``uses`` must divide ``batch``.
    """

    seed: int
    batch: int
    uses: int
    spacing: int
    bare: float


class Pool:
    """Batches for the steps of a training, drawn ahead by worker processes (0: by this process)."""

    def __init__(self, plan: PoolPlan, steps: int, side_of: Callable[[int], int], workers: int) -> None:
        """``side_of`` says how large the network's input is at a step."""
        if plan.batch % plan.uses:
            raise ValueError(f"a batch of {plan.batch} cannot be made of {plan.uses} equal blocks")
        self.plan, self.steps = plan, steps
        self._side_of, self._classes = side_of, len(class_names())
        end = steps + (plan.uses - 1) * plan.spacing
        self._drawn = DrawnAhead(draw_block, self.block, end, workers)

    def batch(self, step: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
        """Blocks of pictures (n, h, w, 3) RGB uint8, not always of one size, and the labels of them all."""
        numbers = self.blocks_of(step)
        return self._drawn.take(numbers), labels_of([self.block(number) for number in numbers])

    def block(self, number: int) -> Block:
        """What is drawn as a block: as large as its last use, at the step of its number, asks for."""
        size = self.plan.batch // self.plan.uses
        bare = round(self.plan.bare * self._classes)
        labels = tuple(
            label_of(place, self.plan.seed, self._classes, bare)
            for place in range(number * size, (number + 1) * size)
        )
        side = self._side_of(min(number, self.steps - 1))
        return Block(labels, number * size, self.plan.seed, drawn_px(side))

    def blocks_of(self, step: int) -> list[int]:
        """The numbers of the blocks that a step trains on, oldest first."""
        return [step + age * self.plan.spacing for age in range(self.plan.uses)]

    def close(self) -> None:
        """End the workers."""
        self._drawn.close()
