"""Which pictures are drawn, by their number in the training: label, seed and size, and nothing else.

The pictures of a training are an endless row. Every stretch of it has all classes once, and bare backgrounds,
in an order of its own; a picture's seed is the training's seed and its number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .catalogue import class_names
from .picture import draw_picture

BACKGROUND = -1  # the label of a bare background
MARGIN = 9 / 8  # drawn pictures are this much larger than the network's input, so that it can be cut out


@dataclass(frozen=True)
class Block:
    """Pictures to draw one after another: their labels, the first one's number, the seed and the size."""

    labels: tuple[int, ...]
    first: int
    seed: int
    size_px: int


def drawn_px(side_px: int) -> int:
    """The side of the pictures that are drawn for an input of ``side_px``."""
    return round(side_px * MARGIN)


def draw_block(block: Block) -> NDArray[np.uint8]:
    """The block's pictures (n, size, size, 3), RGB uint8."""
    return np.stack(
        [
            draw_picture(
                None if label == BACKGROUND else label, (block.seed, block.first + place), block.size_px
            )
            for place, label in enumerate(block.labels)
        ]
    )


def label_of(number: int, seed: int, classes: int, backgrounds: int) -> int:
    """The label of a picture of the row: each stretch of ``classes + backgrounds`` has every class once."""
    stretch, place = divmod(number, classes + backgrounds)
    order = np.random.default_rng((seed, stretch, classes)).permutation(classes + backgrounds)
    return int(order[place]) if order[place] < classes else BACKGROUND


def held_out_blocks(seed: int, per_class: int, size_px: int, per_block: int = 32) -> list[Block]:
    """Blocks that go round all classes ``per_class`` times, without bare backgrounds."""
    labels = list(range(len(class_names()))) * per_class
    return [
        Block(tuple(labels[first : first + per_block]), first, seed, size_px)
        for first in range(0, len(labels), per_block)
    ]


def labels_of(blocks: list[Block]) -> NDArray[np.int64]:
    """The labels of all pictures of some blocks."""
    return np.array([label for block in blocks for label in block.labels], dtype=np.int64)
