"""The reflected border around the picture, and the random shift of the network's grid.

The network must see something beyond the picture's edge: a flat colour draws a frame (the seed's grey
border), so the picture is mirrored. The window handed to the network keeps its size; the shift moves the
picture inside it, so that strides and pooling cells fall elsewhere at every step and no grid can grow.

        <-- before -->               <-- after -->
       +---------------------------------------+
       |  mirrored                             |     before = border + shift
       |        +-----------------+            |     after  = border + (jitter - shift)
       |        |     picture     |            |     window = picture + 2 * border + jitter,
       |        +-----------------+            |     rounded up to the network's stride
       +---------------------------------------+
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Window:
    """Where the picture lies in the window the network sees, along (y, x), in pixels."""

    picture: tuple[int, int]
    size: tuple[int, int]
    before: tuple[int, int]

    @classmethod
    def around(
        cls,
        picture: tuple[int, int],
        border_px: int,
        jitter_px: int,
        smallest: tuple[int, int],
        stride: int,
        shift: tuple[int, int],
    ) -> Window:
        """Lay a window around a picture.

        `picture` and `smallest` (what the network needs at least) are (height, width) in pixels; `shift` is
        in 0..jitter_px along (y, x). The window's size depends on everything but the shift.
        """
        size, before = [], []
        for length, least, offset in zip(picture, smallest, shift, strict=True):
            needed = max(length + 2 * border_px + jitter_px, least)
            whole = -(-needed // stride) * stride
            size.append(whole)
            before.append((whole - length - jitter_px) // 2 + offset)
        return cls(picture, (size[0], size[1]), (before[0], before[1]))

    def fill(self, picture: Tensor) -> Tensor:
        """Return the window's pixels: `picture` (1, 3, h, w) with mirrored surroundings, as a new tensor."""
        rows = mirrored_index(self.picture[0], self.before[0], self.size[0]).to(picture.device)
        columns = mirrored_index(self.picture[1], self.before[1], self.size[1]).to(picture.device)
        return picture.index_select(2, rows).index_select(3, columns)

    def crop(self, window: Tensor) -> Tensor:
        """Return the part of a (1, 3, H, W) window that lies over the picture."""
        top, left = self.before
        return window[..., top : top + self.picture[0], left : left + self.picture[1]]


def mirrored_index(length: int, before: int, total: int) -> Tensor:
    """Return `total` indices into 0..length-1 that run through it from -before, turning round at both ends.

    The end pixels are not repeated (… 2 1 0 1 2 …), as often as needed when the border is wider than the
    picture.
    """
    if length == 1:
        return torch.zeros(total, dtype=torch.long)
    period = 2 * (length - 1)
    place = torch.arange(-before, total - before).remainder(period)
    return torch.where(place < length, place, period - place)
