"""Weighing the spectrum of a real picture that was transformed as a complex one of half its width.

PyTorch's complex transforms on a CPU take half of the time of its real ones (docs/performance.md), and a row
of W real numbers is, as it lies in memory, a row of M = W / 2 complex ones, z = x[even] + i x[odd]. Filtering
is linear, so it can be done to the spectrum Z of those: with real weights w(ky, kx) that are the same for ky
and -ky, for kx and -kx,

    Z'[k] = A Z[k] + i B conj(Z[-k])        A = s - d sin t     s = (w(ky, kx) + w(ky, M - kx)) / 2
                                            B = d cos t         d = (w(ky, kx) - w(ky, M - kx)) / 2
                                            t = pi kx / M

which is the usual way from Z to the real picture's spectrum, the weights, and the way back in one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .compiled import compiled, over_rows


def filtered_by_halves(picture: Tensor, weights: Tensor) -> Tensor:
    """Return a real picture (H, W) float32, W even, with its spectrum weighed.

    `weights` (H, W / 2 + 1) float32 are in the order of `torch.fft.rfft2`; of rows ky and -ky, which have to
    be alike, one is read.
    """
    height, width = picture.shape
    spectrum = torch.fft.fft2(torch.view_as_complex(picture.view(height, width // 2, 2)))
    numbers = torch.view_as_real(spectrum).view(height, width).numpy()
    over_rows(_weigh, height // 2 + 1, picture.numel(), numbers, weights.numpy(), *_angles(width // 2))
    return torch.view_as_real(torch.fft.ifft2(spectrum)).view(height, width)


@lru_cache(maxsize=16)
def _angles(columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the sines and cosines of t."""
    angles = np.pi * np.arange(columns) / columns
    return np.sin(angles).astype(np.float32), np.cos(angles).astype(np.float32)


@compiled
def _weigh(spectrum: Any, weights: Any, sines: Any, cosines: Any, first: int, last: int) -> None:
    rows, columns = spectrum.shape[0], sines.shape[0]
    for row in range(first, last):
        mirrored = (rows - row) % rows
        here, there, w = spectrum[row], spectrum[mirrored], weights[row]
        _weigh_columns(here, there, w, sines, cosines, 0, 1, 0)
        # Of a row that is its own mirror image, the right half is done with the left.
        end = columns // 2 + 1 if mirrored == row else columns
        _weigh_columns(here, there, w, sines, cosines, 1, end, columns)


@compiled
def _weigh_columns(
    here: Any, there: Any, w: Any, sines: Any, cosines: Any, first: int, end: int, mirrors: int
) -> None:
    """Weigh the coefficients Z[k] of some columns and their mirror images Z[-k], `mirrors` - k in their row.

    Unsigned, because numba asks of every other index whether it counts from the end, which keeps a loop from
    working on several elements at once.
    """
    columns, half = np.uint64(sines.shape[0]), np.float32(0.5)
    one, two = np.uint64(1), np.uint64(2)
    for k in range(np.uint64(first), np.uint64(end)):
        left, right = w[k] * half, w[columns - k] * half
        s, d = left + right, left - right
        a, a_mirrored, b = s - d * sines[k], s + d * sines[k], d * cosines[k]
        at, opposite = two * k, two * (np.uint64(mirrors) - k)
        z, z_i = here[at], here[at + one]
        m, m_i = there[opposite], there[opposite + one]
        here[at], here[at + one] = a * z + b * m_i, a * z_i + b * m
        there[opposite], there[opposite + one] = a_mirrored * m + b * z_i, a_mirrored * m_i + b * z
