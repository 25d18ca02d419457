"""What a dream did to its photo, in numbers that need no network.

All measures take the dream and its source as (3, height, width) RGB float32 in 0..1, and look at what a file
would hold: 8-bit levels. `change` is dream minus source, in levels of 255.

    psnr_db           how near the dream stayed to the photo
    clipped, newly    share of pixels with a channel at 0 or 255; of those, the share the dream brought
    rim_*             outer 16 px against the inside, 1 is alike: a grey frame or a dead rim shows here
    drift             low-frequency change: what a glance from far away sees of wrong colours
    grain, neon       speckle, and colours no photo has
    detail            how much fine structure survives in the quarter of the picture that changed least
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Levels = NDArray[np.float64]
"""(3, height, width) or (height, width) in levels of 255."""

RIM_PX = 16
_DRIFT_SIGMA_PX = 32.0
_DETAIL_SIGMA_PX = 1.5
_REGION_SIGMA_PX = 8.0
_LUMA = np.array([0.299, 0.587, 0.114])[:, None, None]
_NEON_SPREAD = 204  # four fifths of the range between a pixel's strongest and weakest channel


@dataclass(frozen=True)
class Measures:
    """The measures of one dream; the shares are in 0..1, `drift` and `mean_drift` in levels of 255."""

    psnr_db: float
    clipped: float
    newly_clipped: float
    rim_change: float
    rim_spread: float
    rim_contrast: float
    drift: float
    mean_drift: float
    colour_drift: float
    grain: float
    neon: float
    detail: float


def measure(dream: NDArray[np.float32], source: NDArray[np.float32]) -> Measures:
    """Return every measure of one dream against its source."""
    after, before = levels(dream), levels(source)
    change = after - before
    rim_change, rim_spread, rim_contrast = rim_against_inside(after, before)
    drift, mean_drift, colour_drift = colour_drifts(change)
    return Measures(
        psnr_db=psnr_db(after, before),
        clipped=float(clipped(after).mean()),
        newly_clipped=float((clipped(after) & ~clipped(before)).mean()),
        rim_change=rim_change,
        rim_spread=rim_spread,
        rim_contrast=rim_contrast,
        drift=drift,
        mean_drift=mean_drift,
        colour_drift=colour_drift,
        grain=grain(after, before),
        neon=float((neon(after) & ~neon(before)).mean()),
        detail=detail_kept(after, before),
    )


def levels(picture: NDArray[np.float32]) -> Levels:
    """Return a picture in 0..1 as the whole levels 0..255 that its file will hold."""
    rounded: Levels = np.rint(np.clip(picture, 0, 1).astype(np.float64) * 255)
    return rounded


def luma(picture: Levels) -> Levels:
    """Return the brightness (height, width) with the weights of ITU-R BT.601."""
    brightness: Levels = (picture * _LUMA).sum(axis=0)
    return brightness


def psnr_db(after: Levels, before: Levels) -> float:
    """Return the peak signal-to-noise ratio over all channels; infinite for equal pictures."""
    error = float(((after - before) ** 2).mean())
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def clipped(picture: Levels) -> NDArray[np.bool_]:
    """Tell for each pixel whether any channel lies at 0 or 255."""
    return np.asarray(((picture <= 0) | (picture >= 255)).any(axis=0))


def neon(picture: Levels) -> NDArray[np.bool_]:
    """Tell for each pixel whether its channels lie at least four fifths of the range apart."""
    return np.asarray(picture.max(axis=0) - picture.min(axis=0) >= _NEON_SPREAD)


def rim_against_inside(after: Levels, before: Levels) -> tuple[float, float, float]:
    """Return (mean |change|, spread of the change, contrast gained) of the outer 16 px over the inside.

    The contrast gained is the picture's standard deviation after over before: a rim that turned grey lost it
    although it changed a lot. 1 is alike; 0 is a rim without change, as in an unchanged picture.
    """
    change = after - before
    rim = np.ones(change.shape[1:], dtype=bool)
    rim[RIM_PX:-RIM_PX, RIM_PX:-RIM_PX] = False
    outside, inside = change[:, rim], change[:, ~rim]
    gained = [_ratio(float(after[:, part].std()), float(before[:, part].std())) for part in (rim, ~rim)]
    return (
        _ratio(float(np.abs(outside).mean()), float(np.abs(inside).mean())),
        _ratio(float(outside.std()), float(inside.std())),
        _ratio(gained[0], gained[1]),
    )


def colour_drifts(change: Levels) -> tuple[float, float, float]:
    """Return the drift of a change, in levels: low-pass RMS, of the mean colour, and low-pass without luma.

    Low-pass is a Gaussian of 32 px, wider than what is dreamt: a dream that only paints has little of it.
    """
    low = gaussian_filter(change, (0, _DRIFT_SIGMA_PX, _DRIFT_SIGMA_PX), mode="reflect")
    coloured = low - luma(low)
    mean = change.mean(axis=(1, 2))
    return _rms(low), _rms(mean), _rms(coloured)


def grain(after: Levels, before: Levels) -> float:
    """Return the RMS of the finest band (what a Gaussian of 1 px removes) after over before."""
    fine = [_rms(each - gaussian_filter(each, (0, 1, 1), mode="reflect")) for each in (after, before)]
    return _ratio(fine[0], fine[1])


def detail_kept(after: Levels, before: Levels) -> float:
    """Return the correlation of fine structure in the quarter of the picture that changed least.

    Fine structure is the brightness minus its Gaussian of 1.5 px; where the picture changed least is told
    from the mean |change| around a pixel (Gaussian of 8 px). 1 is untouched, 0 is gone.
    """
    moved = gaussian_filter(np.abs(after - before).mean(axis=0), _REGION_SIGMA_PX, mode="reflect")
    quiet = moved <= np.quantile(moved, 0.25)
    fine = [
        bright[quiet] - gaussian_filter(bright, _DETAIL_SIGMA_PX, mode="reflect")[quiet]
        for bright in (luma(after), luma(before))
    ]
    fine = [each - each.mean() for each in fine]
    return _ratio(float((fine[0] * fine[1]).mean()), _rms(fine[0]) * _rms(fine[1]))


def _rms(values: Levels) -> float:
    return float(np.sqrt((values**2).mean()))


def _ratio(above: float, below: float) -> float:
    """Return above / below, and 1 for 0 / 0: nothing against nothing is alike."""
    if below == 0:
        return 1.0 if above == 0 else float("inf")
    return above / below
