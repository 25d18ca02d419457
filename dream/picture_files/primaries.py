"""Which light red, green and blue mean, and the same light in the primaries of BT.709, which are sRGB's too.

The white of the source becomes the white of BT.709, by the Bradford transform, as ICC profiles and CSS have
it: a page of paper stays white. Numbers of primaries are those of ITU-T H.273, table 2; PNG's cICP chunk,
AVIF's nclx box and video all name them so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

BT709, BT2020 = 1, 9

_D65, _C, _E, _DCI = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_CHROMATICITIES = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    4: ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), _C),
    5: ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    10: ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _E),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _DCI),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
WIDE_NAMES = {
    4: "NTSC of 1953",
    8: "generic film",
    9: "BT.2020",
    10: "CIE XYZ",
    11: "DCI-P3",
    12: "Display P3",
}
"""Primaries whose colours look wrong when they are taken for BT.709; those of SD video are near to it."""

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D50_XYZ = np.array([0.9642, 1.0, 0.8249])
"""The white of ICC's profile connection space."""


@cache
def to_bt709(primaries: int) -> NDArray[np.float32]:
    """Return the matrix from linear RGB of these primaries (a number of H.273) to that of BT.709."""
    return bt709_matrix(*_CHROMATICITIES[primaries])


@cache
def luma_weights(primaries: int) -> tuple[float, float, float]:
    """Return how much of the luminance red, green and blue of these primaries make up; their sum is 1."""
    red, green, blue = rgb_to_xyz(*_CHROMATICITIES.get(primaries, _CHROMATICITIES[BT709]))[1]
    return float(red), float(green), float(blue)


def bt709_matrix(
    red: Sequence[float], green: Sequence[float], blue: Sequence[float], white: Sequence[float]
) -> NDArray[np.float32]:
    """Return the matrix from linear RGB with these chromaticities (x, y) to that of BT.709.

    Raises ValueError or LinAlgError for chromaticities that span no colours.
    """
    if not white[1] > 0:
        raise ValueError("its white has no light")
    with np.errstate(all="ignore"):
        source = rgb_to_xyz(red, green, blue, white)
        matrix = xyz_matrix_to_bt709(source, source.sum(axis=1))
    if not np.isfinite(matrix).all():
        raise ValueError("its primaries span no colours")
    return matrix


def xyz_matrix_to_bt709(source: Matrix, white_xyz: Matrix) -> NDArray[np.float32]:
    """Return the matrix to linear BT.709 of a source whose matrix to XYZ and whose white are given."""
    target = rgb_to_xyz(*_CHROMATICITIES[BT709])
    adapted = _adaptation(white_xyz, target.sum(axis=1)) @ source
    return (np.linalg.inv(target) @ adapted).astype(np.float32)


def rgb_to_xyz(
    red: Sequence[float], green: Sequence[float], blue: Sequence[float], white: Sequence[float]
) -> Matrix:
    """Return the matrix from linear RGB to XYZ; RGB of 1, 1, 1 is the white, with a luminance of 1."""
    corners = np.stack([_xyz(*each) for each in (red, green, blue)], axis=1)
    scale = np.linalg.solve(corners, _xyz(*white) / white[1])
    matrix: Matrix = corners * scale
    return matrix


def _xyz(x: float, y: float) -> Matrix:
    return np.array([x, y, 1 - x - y])


def _adaptation(from_xyz: Matrix, to_xyz: Matrix) -> Matrix:
    cones = (_BRADFORD @ to_xyz) / (_BRADFORD @ from_xyz)
    matrix: Matrix = np.linalg.inv(_BRADFORD) @ (cones[:, None] * _BRADFORD)
    return matrix
