"""Soft noise to dream from: a picture of nothing yet, and new detail where a camera goes.

White noise has all its strength in grains that no octave but the finest can use, and flat grey gives a
network nothing to begin with. Amplitudes that fall with frequency offer shapes at every size; in a picture
they fall as 1/f^1.5, softer than photographs (1/f), whose grain would still be there between the creatures.

A picture that is stretched by 1.7 % from frame to frame has nothing new in it: in the middle of a zoom, where
the camera goes, all is one blur in the end, and a network makes nothing of a blur. A real scene, looked at
more closely, shows detail that was too small to be seen before. Noise takes its place, with wavelengths of 6
to 32 pixels and amplitudes of 1/f, a little in every frame: what was added once is in the picture, and moves
along with it.

Where a camera moves out, sideways or round, the edge shows what was not in the picture at all. There the
picture is mirrored, line by line, which alone would make streaks: what came into view within a third of a
second gains more, until it has forgotten where it came from.

How much a frame gets follows from how far it was stretched, so that a film of twice the frames gets as much
per second: variances add up, and that of a frame is 2 ln(stretch) of what has gathered in the end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from .frames import Map, Picture

_MEAN, _DEVIATION = 0.5, 0.12
_GREY_SHARE = 0.7
_LOWEST_FREQUENCY = 1 / 256
"""In cycles per pixel: no blob grows beyond this, or large pictures would be one smooth gradient."""

_SHORTEST_PX, _LONGEST_PX = 6, 32
_DETAIL_GREY_SHARE = 0.5
_LEVELS = 255
_STRONGER_WHERE_NEW = 1.5


def noise_picture(width_px: int, height_px: int, seed: int) -> Picture:
    """Return fractal noise, mostly grey with a little colour, mean 0.5: the same for the same seed."""
    random = np.random.default_rng(seed)
    fields = random.standard_normal((4, height_px, width_px), dtype=np.float32)
    down = fft.fftfreq(height_px)[:, None].astype(np.float32)
    right = fft.rfftfreq(width_px)[None, :].astype(np.float32)
    amplitude = np.maximum(np.hypot(down, right), _LOWEST_FREQUENCY) ** -1.5
    amplitude[0, 0] = 0
    soft = fft.irfft2(fft.rfft2(fields) * amplitude, s=(height_px, width_px))
    soft /= soft.std(axis=(1, 2), keepdims=True)
    mixed = np.sqrt(_GREY_SHARE) * soft[:1] + np.sqrt(1 - _GREY_SHARE) * soft[1:]
    noise: Picture = np.clip(_MEAN + _DEVIATION * mixed, 0, 1).astype(np.float32)
    return noise


def new_detail(
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
    soft = _filtered(fields, _amplitudes(*size))
    soft *= deviation / soft.std(axis=(1, 2), keepdims=True)
    mixed = math.sqrt(_DETAIL_GREY_SHARE) * soft[:1] + math.sqrt(1 - _DETAIL_GREY_SHARE) * soft[1:]
    return np.ascontiguousarray(mixed, dtype=np.float32)


def _filtered(fields: NDArray[np.float32], amplitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return fields (n, h, w) with their spectra (h, w // 2 + 1) multiplied."""
    from scipy import fft  # half of NumPy's time in every frame; a still that starts from noise goes without

    soft = fft.irfft2(fft.rfft2(fields) * amplitudes, s=fields.shape[1:])
    return np.asarray(soft, np.float32)


def _amplitudes(height: int, width: int) -> NDArray[np.float32]:
    frequency = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None])
    inside = (frequency >= 1 / _LONGEST_PX) & (frequency <= 1 / _SHORTEST_PX)
    amplitudes = np.divide(1, frequency, out=np.zeros_like(frequency), where=inside)
    return np.asarray(amplitudes, np.float32)
