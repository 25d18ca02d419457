"""One look at a picture before it dreams: what a layer makes of it, at a size that costs little.

Choices for a whole picture (which channels are strong, which class is seen where) need no fine detail, and a
look at 8K pictures would take more memory than dreaming them does in tiles.
"""

from __future__ import annotations

import math

from torch import Tensor

from ...models.network import Network
from ..border import mirrored_index
from ..octaves import resize

_MOST_PIXELS = 640 * 480


def seen(network: Network, picture: Tensor, layer: str) -> Tensor:
    """Return a layer's value (1, c, m, k), float32, for a picture (1, 3, h, w) RGB 0..1 of at most 0.3 MP.

    A larger picture is scaled down; one smaller than the network's input is mirrored around.
    """
    height, width = picture.shape[-2:]
    scale = math.sqrt(_MOST_PIXELS / (height * width))
    if scale < 1:
        picture = resize(picture, (max(1, round(height * scale)), max(1, round(width * scale))))
    lacking = [
        max(0, least - length) for least, length in zip(network.input_size, picture.shape[-2:], strict=True)
    ]
    return activation(network, mirrored(picture, lacking[0] / 2, lacking[1] / 2), layer)


def activation(network: Network, picture: Tensor, layer: str) -> Tensor:
    """Return one layer's value in float32."""
    return network.activations(picture, (layer,))[layer].float()


def mirrored(picture: Tensor, rows: float, columns: float) -> Tensor:
    """Return a picture with so much of its mirror image on all sides (of a half pixel, more at the end)."""
    for axis, border in ((-2, rows), (-1, columns)):
        length = picture.shape[axis]
        index = mirrored_index(length, math.floor(border), length + round(2 * border))
        picture = picture.index_select(axis, index.to(picture.device))
    return picture
