"""Image mixing: the photo itself, mirrored and moved, laid over what the network looks at.

A network finds a class in the faintest hint of it, and dreams a veil of hints over the whole picture. Where
other things lie over what it sees, other ones at every step, hints drown: what stands out in spite of them
is whole and strong, and stays where there is most of it. So fewer things grow, clearer ones, with calm
between, and other networks see them sooner (docs/picture.md). In the literature, Admix (Wang and others,
2021) mixes in other photos; the photo's own structures need no files, and are as contrasty as it is.

Only what the network looks at is mixed; the step goes to the picture.
"""

from __future__ import annotations

from torch import Tensor

from ..reductions import sum_dtype
from .view import View


def mix_in_(
    pixels: Tensor, view: View, source: Tensor, amount: float, offset: tuple[float, float], number: int
) -> None:
    """Add `amount` of the `source`'s view, without its mean colour, to a (1, 3, H, W) view, in place.

    It is rolled by `offset`, shares (y, x) of its size in 0..1, and then mirrored: left and right at every
    even `number`, else top and bottom.
    """
    wide = sum_dtype(pixels.device)
    for channel in range(pixels.shape[1]):  # to save memory
        other = view.fill(source[:, channel : channel + 1])
        other -= other.mean(dtype=wide).to(other.dtype)
        shift = [int(share * length) for share, length in zip(offset, other.shape[-2:], strict=True)]
        moved = other.roll(shift, (-2, -1)).flip(-2 if number % 2 else -1)
        pixels[:, channel : channel + 1].add_(moved, alpha=amount)
