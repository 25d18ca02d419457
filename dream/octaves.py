"""Octaves: the picture at several sizes, small to full, so that the dream has large and small forms.

As in google/deepdream, what was dreamt at one size (the detail) is enlarged and laid over the next size's
picture, so that large forms are there before small ones are drawn into them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def octave_sizes(height_px: int, width_px: int, ratios: Sequence[float]) -> list[tuple[int, int]]:
    """Return (height, width) per octave, coarsest first, the last one being the full size.

    `ratios` say how much larger each octave is than the one before it; the first one's is not used. No side
    falls below 16 pixels: octaves of a small picture that would be smaller stay at that size, so that the
    schedule keeps its length.
    """
    shrunk = [math.prod(ratios[octave + 1 :]) for octave in range(len(ratios))]
    return [
        (
            max(round(height_px / factor), min(16, height_px)),
            max(round(width_px / factor), min(16, width_px)),
        )
        for factor in shrunk
    ]


def resize(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a (1, 3, h, w) picture at another (height, width): bicubic, and antialiased when it shrinks."""
    if picture.shape[-2:] == size:
        return picture
    if picture.device.type == "mps":  # no antialiased bicubic there in PyTorch 2.7
        return resize(picture.cpu(), size).to(picture.device)
    shrinks = size[0] < picture.shape[-2] or size[1] < picture.shape[-1]
    return F.interpolate(picture, size=size, mode="bicubic", align_corners=False, antialias=shrinks)
