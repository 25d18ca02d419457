"""Newborn detail: what a camera that moves in would see for the first time, for the network to grow from.

A picture that is stretched by 1.7 % from frame to frame has nothing new in it: in the middle of a zoom, where
the camera goes, all is one blur in the end, and a network makes nothing of a blur. A real scene, looked at
more closely, shows detail that was too small to be seen before. Soft noise takes its place, a little in every
frame: what was added once is in the picture, and moves along with it.

    white noise -> wavelengths of 6 to 32 pixels, amplitudes as 1 / frequency -> + picture

Where a camera moves out, sideways or round, the edge shows what was not in the picture at all. There the
picture is mirrored, line by line, which alone would make streaks: what came into view within a third of a
second gains more, until it has forgotten where it came from.

How much a frame gets follows from how far it was stretched, so that a film of twice the frames gets as much
per second: variances add up, and that of a frame is 2 ln(stretch) of what has gathered in the end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from ..frames import Map, Picture

_SHORTEST_PX, _LONGEST_PX = 6, 32
_GREY_SHARE = 0.5
_LEVELS = 255
_STRONGER_WHERE_NEW = 1.5


def newborn(
    size: tuple[int, int], stretch: float, amount: float, number: int, revealed: Map | None = None
) -> Picture | None:
    """Return what a frame of `size` (height, width) gains, (3, h, w) around 0; None where it is nothing.

    `stretch` is how much the frame was magnified, `amount` the deviation in levels of 255 that such noise
    has in the end, `number` the frame's: the same number gives the same noise. `revealed`, (h, w), is what
    share of the noise of new places each place gets now, as a variance.
    """
    variance = np.float32(2 * math.log(max(1.0, stretch)))
    whole = variance if revealed is None else variance + np.float32(_STRONGER_WHERE_NEW**2) * revealed
    deviation = np.asarray(amount / _LEVELS * np.sqrt(whole), np.float32)
    if not deviation.any():
        return None
    fields = np.random.default_rng(number).standard_normal((4, *size), dtype=np.float32)
    soft = np.asarray(fft.irfft2(fft.rfft2(fields) * _amplitudes(*size), s=size), np.float32)
    soft *= deviation / soft.std(axis=(1, 2), keepdims=True)
    mixed = math.sqrt(_GREY_SHARE) * soft[:1] + math.sqrt(1 - _GREY_SHARE) * soft[1:]
    return np.ascontiguousarray(mixed, dtype=np.float32)


def _amplitudes(height: int, width: int) -> NDArray[np.float32]:
    frequency = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None])
    inside = (frequency >= 1 / _LONGEST_PX) & (frequency <= 1 / _SHORTEST_PX)
    amplitudes = np.divide(1, frequency, out=np.zeros_like(frequency), where=inside)
    return np.asarray(amplitudes, np.float32)
