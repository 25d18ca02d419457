"""High dynamic range and wide colours, brought to the standard range of BT.709.

    levels --EOTF--> light in cd/m2 --matrix--> BT.709 primaries --tone curve--> up to 203 cd/m2 --> levels

HDR levels mean light: by PQ (SMPTE ST 2084) outright, by HLG (ARIB STD-B67) on the display of 1000 cd/m2
that ITU-R BT.2100 takes for reference. Standard white is put at 203 cd/m2, as which ITU-R BT.2408 has HDR
programmes show it. What is brighter has to be compressed: by the curve of ITU-R BT.2390 (EETF), which leaves
light below 88 cd/m2 as it is and bends from there, so that 1000 cd/m2 become white. Where a PQ file tells its
brightest light, that becomes white, and the curve bends from elsewhere: from 40 cd/m2 for 4000. The curve is
applied to the brightest channel, and the other two follow in proportion: hues stay as they are, which curves
on single channels bend towards yellow and cyan. Colours outside BT.709 are cut off at its edge. The result is
light for a display with a gamma of 2.4, as ITU-R BT.1886 says, or for one of sRGB.

Other levels are the display's own: sRGB's where they say so, else those of BT.1886. Numbers are H.273's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..quantize import uint16_levels
from .primaries import BT709, BT2020, WIDE_NAMES, to_bt709
from .transfers import HLG, PQ, SRGB, hlg_scene, pq_level, pq_light, srgb_level, srgb_light

Picture = NDArray[np.float32]

_WHITE_CD = 203.0
_PEAK_CD = 1000.0
_LOWEST_PEAK_CD = _WHITE_CD + 1  # from there down nothing has to be compressed
_MOST_CD = 10_000.0
_GAMMA = 2.4
_CODES = 65536

_LUMINANCE_2020 = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def is_hdr(transfer: int) -> bool:
    """Tell the transfer functions of high dynamic range."""
    return transfer in (PQ, HLG)


def is_wide(primaries: int, transfer: int) -> bool:
    """Tell whether pictures tagged so have to be converted."""
    return is_hdr(transfer) or primaries in WIDE_NAMES


def to_sdr(
    picture: Picture, primaries: int, transfer: int, peak_cd: float | None = None, display: int = 0
) -> Picture:
    """Return a (3, h, w) picture tagged so as BT.709, 0..1.

    HDR is made for `display`: sRGB (13), or else a gamma of 2.4. What is not HDR keeps its own curve.
    """
    hdr = is_hdr(transfer)
    light = _display_light(picture, transfer) if hdr else _sdr_light(picture, transfer)
    if hdr and primaries not in WIDE_NAMES and primaries != BT709:
        primaries = BT2020  # what untagged HDR is
    if primaries in WIDE_NAMES:
        light = np.tensordot(to_bt709(primaries), light, axes=1)
    np.maximum(light, 0, out=light)
    shares = _compressed(light, _peak(transfer, peak_cd)) if hdr else np.minimum(light, 1)
    levels = (
        srgb_level(shares) if (display if hdr else transfer) == SRGB else shares ** np.float32(1 / _GAMMA)
    )
    return np.ascontiguousarray(levels, dtype=np.float32)


def tone_curve(light_cd: NDArray[np.float64], peak_cd: float = _PEAK_CD) -> NDArray[np.float64]:
    """Return light of up to `peak_cd` brought under 203 cd/m2, as shares of that (BT.2390, in PQ levels)."""
    peak, white = (float(pq_level(np.array(cd))) for cd in (peak_cd, _WHITE_CD))
    level = np.minimum(pq_level(light_cd) / peak, 1)
    top = white / peak
    knee = 1.5 * top - 0.5
    t = np.maximum(level - knee, 0) / (1 - knee)
    bent = (
        (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    )
    light = pq_light(np.where(level < knee, level, bent) * peak)
    return np.asarray(light / _WHITE_CD, dtype=np.float64)


def _peak(transfer: int, peak_cd: float | None) -> float:
    """Return the light that becomes white; that of HLG is its reference display's."""
    if transfer != PQ or peak_cd is None:
        return _PEAK_CD
    return min(max(peak_cd, _LOWEST_PEAK_CD), _MOST_CD)


def _sdr_light(picture: Picture, transfer: int) -> Picture:
    light: Picture = srgb_light(picture) if transfer == SRGB else picture ** np.float32(_GAMMA)
    return light


def _compressed(light: Picture, peak_cd: float) -> Picture:
    """Return light in cd/m2 as shares of standard white, at most 1."""
    brightest = light.max(axis=0)
    gain = np.interp(brightest, *_curve(peak_cd)) / np.maximum(brightest, 1e-9)
    compressed: Picture = light * gain.astype(np.float32)
    return compressed


def _display_light(picture: Picture, transfer: int) -> Picture:
    """Return the light in cd/m2 that HDR levels make on the display they are meant for."""
    light: Picture = _table(transfer)[uint16_levels(picture)]
    if transfer == PQ:
        return light
    # The OOTF of BT.2100 for a display of 1000 cd/m2: scene light times its luminance to the power of 0.2.
    luminance = np.tensordot(_LUMINANCE_2020, light, axes=1)
    light *= luminance ** np.float32(0.2) * np.float32(_PEAK_CD)
    return light


@cache
def _table(transfer: int) -> NDArray[np.float32]:
    """Return what each 16-bit level means, which saves a power for every pixel."""
    levels = np.arange(_CODES) / (_CODES - 1)
    return (pq_light(levels) if transfer == PQ else hlg_scene(levels)).astype(np.float32)


@cache
def _curve(peak_cd: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the tone curve as points to interpolate between; it ends in 1 and stays there."""
    light_cd = np.linspace(0, peak_cd, 4096)
    return light_cd, tone_curve(light_cd, peak_cd)
