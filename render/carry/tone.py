"""Tone: how the colours of a picture spread in every octave of detail, and pictures matched to it.

A zoom dreams about its own dreams. Whatever a network likes a little, the next frame has more of: colours
turn to neon, while the camera stretches light and dark over the frame until none is left. So the picture is
brought back before it is dreamt on:

    picture -> bands, an octave each, and what is left below them (a Laplacian pyramid)
            -> each band's colours * the linear map that gives them the covariance of the tone's band
            -> joined again, and mean and covariance of the whole likewise

One control for all that drifts: the covariance of the fine bands is sharpness, of the coarse ones contrast,
and what the channels have in common is grey while the rest is saturation. Of the maps that give a covariance,
the one that moves colours least is taken, as in `dream.finish`. Burt and Adelson, The Laplacian Pyramid as a
Compact Image Code, 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Picture

_SMALLEST_PX = 6
"""No band is coarser than the one that leaves a picture with so short a side."""
_LEAST_VARIANCE = 1e-6
"""Added to all covariances, so that a flat band has one: a sixteenth of a level of 255 squared."""
_MOST_GAIN = 2.0
"""What a band may be magnified by, or reduced, in one picture: a flat one is not turned into noise."""
_KNEE = 0.05
"""How near to black and full brightness values begin to be eased."""

_Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Tone:
    """The statistics of one picture's colours."""

    mean: NDArray[np.float64]
    covariance: _Matrix
    octaves: tuple[_Matrix, ...]
    """Covariances of the bands, finest first; the last is of what is left below."""

    @classmethod
    def of(cls, picture: Picture) -> Tone:
        """Measure a (3, h, w) picture, RGB 0..1."""
        mean, around = _centred(picture)
        octaves = tuple(_covariance(_centred(each)[1]) for each in _bands(picture))
        return cls(mean, _covariance(around), octaves)


def match_tone(picture: Picture, tone: Tone, amount: float) -> Picture:
    """Return a picture with every octave's colours brought to those of `tone`, which is of the same size.

    `amount` is the share of the way: 0 changes nothing, and with 1 mean and covariance are the tone's own, as
    far as values keep away from black and full brightness; octaves, which overlap a little, come near to
    theirs.
    """
    if not amount:
        return picture
    before, around = _centred(picture)
    aim = _mixed(_covariance(around), tone.covariance, amount)
    bands = []
    for band, wanted in zip(_bands(picture), tone.octaves, strict=True):
        _, around = _centred(band)
        spread = _covariance(around)
        bands.append(_mapped(around, spread, _mixed(spread, wanted, amount)))
    _, around = _centred(_joined(bands))
    whole = _mapped(around, _covariance(around), aim)
    whole += _mixed(before, tone.mean, amount).astype(np.float32)[:, None, None]
    return _eased(whole)


def _eased(picture: Picture) -> Picture:
    """Return values that come ever nearer to 0 and 1 and never pass: below the knee k, k e^(x/k - 1).

    A photo has its light and dark in large areas. When as much is spread over creatures with soft edges, one
    pixel in twenty would have to be cut.
    """
    knee = np.float32(_KNEE)
    low, high = picture < knee, picture > 1 - knee
    picture[low] = knee * np.exp(picture[low] / knee - 1)
    picture[high] = 1 - knee * np.exp((1 - picture[high]) / knee - 1)
    return picture


def _bands(picture: Picture) -> list[Picture]:
    """Return the octaves of a picture, finest first, and what is left: together they are the picture."""
    coarser, bands = picture, []
    while min(coarser.shape[1:]) >= 2 * _SMALLEST_PX:
        finer, coarser = coarser, np.stack([np.asarray(cv2.pyrDown(plane)) for plane in coarser])
        bands.append(finer - _enlarged(coarser, finer))
    return [*bands, coarser]


def _joined(bands: Sequence[Picture]) -> Picture:
    *finer, whole = bands
    for band in reversed(finer):
        whole = _enlarged(whole, band) + band
    return whole


def _enlarged(coarser: Picture, like: Picture) -> Picture:
    _, height, width = like.shape
    return np.stack([np.asarray(cv2.pyrUp(plane, dstsize=(width, height))) for plane in coarser])


def _centred(picture: Picture) -> tuple[NDArray[np.float64], Picture]:
    """Return the mean of each channel, and the picture around it."""
    mean = np.asarray(picture.mean(axis=(1, 2), dtype=np.float64))
    return mean, picture - mean.astype(np.float32)[:, None, None]


def _covariance(around: Picture) -> _Matrix:
    """Return E[x x^T] of a picture around 0.

    NumPy sums in an order that does not depend on the number of threads, unlike a product of matrices.
    """
    covariance = _LEAST_VARIANCE * np.eye(3)
    for i in range(3):
        for j in range(i + 1):
            covariance[i, j] += (around[i] * around[j]).mean(dtype=np.float64)
            covariance[j, i] = covariance[i, j]
    return covariance


def _mixed(ours: _Matrix, theirs: _Matrix, amount: float) -> _Matrix:
    return (1 - amount) * ours + amount * theirs


def _mapped(around: Picture, spread: _Matrix, aim: _Matrix) -> Picture:
    """Return a picture by the symmetric map from a covariance to another: Pitié and Kokaram, 2007."""
    root, back = _power(spread, 0.5), _power(spread, -0.5)
    turn = back @ _power(root @ aim @ root, 0.5) @ back
    gains, axes = np.linalg.eigh((turn + turn.T) / 2)
    limited = axes * gains.clip(1 / _MOST_GAIN, _MOST_GAIN) @ axes.T
    return np.stack([sum(np.float32(limited[i, j]) * around[j] for j in range(3)) for i in range(3)])


def _power(matrix: _Matrix, exponent: float) -> _Matrix:
    sizes, axes = np.linalg.eigh(matrix)
    return np.asarray(axes * sizes.clip(_LEAST_VARIANCE**2) ** exponent @ axes.T)
