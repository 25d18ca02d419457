"""Does the dream repeat itself on a grid? Peaks of its autocorrelation at the periods of stride and tiles.

    change -> brightness, without what is wider than a tile -> autocorrelation along x and along y
    at every lag: how far it stands above its neighbours a few lags to both sides (`prominence`)
    at a period: that prominence against those of the lags around it, in standard deviations (`z`)

Dreams are full of creatures of one size, so their autocorrelation has hills of its own: only a lag that
stands out more than the lags around it do tells of a grid. Since the largest of fourteen (period, axis) pairs
is told, chance alone gives 1 to 4; a grid gives 5 and more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import gaussian_filter

Plane = NDArray[np.float64]
"""(height, width), in any unit."""

PERIODS_PX = (16, 32, 112, 113, 114, 224, 227)
"""Strides of classifiers like SqueezeNet and GoogLeNet, half a tile (where objects of spikelynch/deepdream
repeat), tiles. Shorter periods have no quiet lags beside them to be compared with."""

_WIDEST_SIGMA_PX = 64.0
_ROBUST = 1.4826  # median absolute deviation of a normal distribution times this is its standard deviation


@dataclass(frozen=True)
class GridPeak:
    """The period that stands out most, in pixels, along which axis, and by how many standard deviations."""

    period_px: int
    axis: str
    z: float


def strongest_grid(change: Plane, periods_px: tuple[int, ...] = PERIODS_PX) -> GridPeak:
    """Return the peak that stands out most of a (height, width) change at the given periods.

    Periods that are more than half of the picture long are left out: too little of them is there to compare.
    Raises ValueError when none is left.
    """
    flat = change - gaussian_filter(change, _WIDEST_SIGMA_PX, mode="reflect")
    found = [
        GridPeak(period, axis, z_of_period(correlation, period))
        for axis, plane in (("x", flat), ("y", flat.T))
        for correlation in [autocorrelation(plane)]
        for period in periods_px
        if period <= plane.shape[1] // 2
    ]
    if not found:
        raise ValueError(
            f"no period of {periods_px} fits twice into {change.shape[1]} x {change.shape[0]} px"
        )
    return max(found, key=lambda peak: peak.z)


def autocorrelation(plane: Plane) -> Plane:
    """Return the mean autocorrelation along the rows of a (height, width) plane, lag 0 first and equal to 1.

    Each lag is divided by the number of pairs that it has; lags reach to three quarters of the width.
    """
    width = plane.shape[1]
    rows = plane - plane.mean()
    size = next_fast_len(2 * width)
    power = (np.abs(rfft(rows, size, axis=1)) ** 2).mean(axis=0)
    sums = irfft(power, size)[: width * 3 // 4]
    means: Plane = sums / (width - np.arange(len(sums)))
    return means / means[0] if means[0] > 0 else means


def z_of_period(correlation: Plane, period: int) -> float:
    """Return how far a period's prominence lies above those of the lags around it, in standard deviations.

    Two prominences are tried: over 3 lags to both sides, for a comb, and over a quarter of the period, for
    objects that repeat. The lags compared with lie within half a period (at least 12), the peak itself apart.
    """
    return max(_z(correlation, period, width) for width in sorted({3, max(3, period // 4)}))


def _z(correlation: Plane, period: int, width: int) -> float:
    lags = np.arange(width + 1, len(correlation) - width)
    sides = (correlation[lags - width] + correlation[lags + width]) / 2
    prominences = correlation[lags] - sides
    distance = np.abs(lags - period)
    around = prominences[(distance > width) & (distance <= max(12, period // 2) + width)]
    if not (distance == 0).any() or len(around) < 4:
        return 0.0
    middle = np.median(around)
    deviation = _ROBUST * float(np.median(np.abs(around - middle)))
    height = float(prominences[distance == 0][0] - middle)
    return height / deviation if deviation > 1e-12 else 0.0
