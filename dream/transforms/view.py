"""A view of the picture: what the network sees, beyond the picture's edge too, and shifted at random.

The network must see something beyond the picture's edge: a flat colour draws a frame (the grey border of
spikelynch/deepdream), so the picture is mirrored. The view handed to the network keeps its size; the shift
moves the picture inside it, so that strides and pooling cells fall elsewhere at every step and no grid can
grow.

        <-- before -->               <-- after -->
       +---------------------------------------+
       |  mirrored                             |     before = border + shift
       |        +-----------------+            |     after  = border + (room - shift)
       |        |     picture     |            |     view   = picture + 2 * border + room,
       |        +-----------------+            |     rounded up to the network's stride
       +---------------------------------------+

A view may also be of a part of the picture only (`tiling`): then `before` is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...models.cpu.kernels.mirror import fill_mirrored
from ..reductions import sum_dtype
from .pad import Pad


@dataclass(frozen=True)
class View:
    """Where the picture lies in the pixels the network sees, along (y, x), in pixels.

    `pad` is what lies beyond the picture's edge: its mirror image, or the mean colour of what the view shows
    of it, as in spikelynch/deepdream. `roll` rolls the view's pixels round by so many, past its own edges:
    that program's jitter within a tile.
    """

    picture: tuple[int, int]
    size: tuple[int, int]
    before: tuple[int, int]
    pad: Pad = "reflect"
    roll: tuple[int, int] = (0, 0)

    @classmethod
    def around(
        cls,
        picture: tuple[int, int],
        border_px: int,
        room_px: int,
        smallest: tuple[int, int],
        stride: int,
        shift: tuple[int, int],
        pad: Pad = "reflect",
    ) -> View:
        """Return a view of a whole picture and what surrounds it.

        `picture` and `smallest` (what the network needs at least) are (height, width) in pixels; `shift` is
        in 0..room_px along (y, x). The view's size depends on everything but the shift.
        """
        size, before = [], []
        for length, least, offset in zip(picture, smallest, shift, strict=True):
            needed = max(length + 2 * border_px + room_px, least)
            whole = -(-needed // stride) * stride
            size.append(whole)
            before.append((whole - length - room_px) // 2 + offset)
        return cls(picture, (size[0], size[1]), (before[0], before[1]), pad)

    @property
    def region(self) -> tuple[slice, slice]:
        """The rows and columns of the picture that are in view."""
        rows, columns = (
            slice(max(0, -before), min(length, size - before))
            for length, size, before in zip(self.picture, self.size, self.before, strict=True)
        )
        return rows, columns

    @property
    def over_picture(self) -> tuple[slice, slice]:
        """The rows and columns of the view, not rolled, that show the picture's `region`."""
        rows, columns = (
            slice(part.start + before, part.stop + before)
            for part, before in zip(self.region, self.before, strict=True)
        )
        return rows, columns

    def fill(self, picture: Tensor) -> Tensor:
        """Return the view's pixels: `picture` (1, c, h, w) and its surroundings, as a new tensor."""
        return self._rolled(
            self._mirrored(picture) if self.pad == "reflect" else self._in_mean_colour(picture)
        )

    def fill_map(self, whole: Tensor) -> Tensor:
        """Return the view of a map (1, 1, h, w), mirrored whatever `pad` is: that is for colours."""
        return self._rolled(self._mirrored(whole))

    def unrolled(self, pixels: Tensor) -> Tensor:
        """Return a view's pixels, (1, c, H, W), rolled back to where they came from."""
        return pixels.roll((-self.roll[0], -self.roll[1]), (-2, -1)) if any(self.roll) else pixels

    def _rolled(self, pixels: Tensor) -> Tensor:
        return pixels.roll(self.roll, (-2, -1)) if any(self.roll) else pixels

    def _mirrored(self, picture: Tensor) -> Tensor:
        # Copying to a graphics card would make every step wait; MPS may not have all it takes.
        made_on = picture.device if picture.is_cuda else None
        rows, columns = (
            mirrored_index(length, before, total, made_on).to(picture.device)
            for length, before, total in zip(self.picture, self.before, self.size, strict=True)
        )
        filled = picture.new_empty((*picture.shape[:2], *self.size))
        if picture.device.type == "cpu" and picture.dtype == torch.float32:
            fill_mirrored(picture.contiguous(), rows, columns, self.over_picture[1], filled)
            return filled
        for target, channel in zip(filled.unbind(1), picture.unbind(1), strict=True):  # to save memory
            torch.index_select(channel.index_select(1, rows), 2, columns, out=target)
        return filled

    def _in_mean_colour(self, picture: Tensor) -> Tensor:
        part = picture[(..., *self.region)]
        mean = part.mean(dim=(-2, -1), keepdim=True, dtype=sum_dtype(picture.device)).to(picture.dtype)
        filled = mean.expand(-1, -1, *self.size).clone()
        filled[(..., *self.over_picture)] = part
        return filled


def mirrored_index(length: int, before: int, total: int, device: torch.device | None = None) -> Tensor:
    """Return `total` indices into 0..length-1 that run through it from -before, turning round at both ends.

    The end pixels are not repeated (… 2 1 0 1 2 …), as often as needed when the border is wider than the
    picture.
    """
    if length == 1:
        return torch.zeros(total, dtype=torch.long, device=device)
    period = 2 * (length - 1)
    place = torch.arange(-before, total - before, device=device).remainder(period)
    return torch.where(place < length, place, period - place)
