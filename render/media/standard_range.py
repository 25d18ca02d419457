"""High dynamic range and wide colours, brought to the standard range of BT.709.

    levels --EOTF--> light in cd/m2 --matrix--> BT.709 primaries --tone curve--> up to 203 cd/m2 --> levels

HDR levels mean light: by PQ (SMPTE ST 2084) outright, by HLG (ARIB STD-B67) on the display of 1000 cd/m2
that ITU-R BT.2100 takes for reference. Standard white is put at 203 cd/m2, as which ITU-R BT.2408 has HDR
programmes show it. What is brighter has to be compressed: by the curve of ITU-R BT.2390 (EETF), which leaves
light below 88 cd/m2 as it is and bends from there, so that 1000 cd/m2 become white. Where a PQ file tells its
brightest light, that becomes white, and the curve bends from elsewhere: from 40 cd/m2 for 4000. The curve is
applied to the brightest channel, and the other two follow in proportion: hues stay as they are, which curves
on single channels bend towards yellow and cyan. Colours outside BT.709 are cut off at its edge. The result is
light for a display with a gamma of 2.4, as ITU-R BT.1886 says.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..frames import Picture
from .clip_info import ColourTags

PQ, HLG = 16, 18
BT709, BT2020 = 1, 9
"""Numbers of ITU-T H.273: two transfer functions, and two sets of primaries."""

_WHITE_CD = 203.0
_PEAK_CD = 1000.0
_LOWEST_PEAK_CD = _WHITE_CD + 1  # from there down nothing has to be compressed
_MOST_CD = 10_000.0
_GAMMA = 2.4
_CODES = 65536

# SMPTE ST 2084.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32

_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""ITU-R BT.2407: linear BT.2020 to BT.709."""
_LUMINANCE_2020 = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def is_wide(colour: ColourTags) -> bool:
    """Tell whether pictures tagged so have to be converted."""
    return colour.is_hdr or colour.primaries == BT2020


def to_standard(picture: Picture, colour: ColourTags) -> Picture:
    """Return a picture of a clip with these tags as BT.709 with gamma 2.4, 0..1."""
    light = _display_light(picture, colour.transfer) if colour.is_hdr else picture ** np.float32(_GAMMA)
    if colour.primaries != BT709:  # HDR whose primaries are untagged is BT.2020
        light = np.tensordot(_TO_709, light, axes=1)
    np.maximum(light, 0, out=light)
    shares = _compressed(light, _peak_cd(colour)) if colour.is_hdr else np.minimum(light, 1)
    levels = shares ** np.float32(1 / _GAMMA)
    return np.ascontiguousarray(levels, dtype=np.float32)


def pq_light(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light in cd/m2 that PQ levels of 0..1 mean (the EOTF of SMPTE ST 2084)."""
    root = levels ** (1 / _M2)
    light: NDArray[np.float64] = 10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return light


def pq_level(light_cd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the PQ level of light in cd/m2, the inverse of `pq_light`."""
    power = (light_cd / 10_000) ** _M1
    level: NDArray[np.float64] = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return level


def hlg_scene(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scene light, 0..1, that HLG levels mean (the inverse OETF of ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene: NDArray[np.float64] = np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - c) / a) + b) / 12)
    return scene


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
    share: NDArray[np.float64] = pq_light(np.where(level < knee, level, bent) * peak) / _WHITE_CD
    return share


def _peak_cd(colour: ColourTags) -> float:
    """Return the light that becomes white; that of HLG is its reference display's."""
    if colour.transfer != PQ or colour.peak_cd is None:
        return _PEAK_CD
    return min(max(colour.peak_cd, _LOWEST_PEAK_CD), _MOST_CD)


def _compressed(light: Picture, peak_cd: float) -> Picture:
    """Return light in cd/m2 as shares of standard white, at most 1."""
    brightest = light.max(axis=0)
    gain = np.interp(brightest, *_curve(peak_cd)) / np.maximum(brightest, 1e-9)
    compressed: Picture = light * gain.astype(np.float32)
    return compressed


def _display_light(picture: Picture, transfer: int) -> Picture:
    """Return the light in cd/m2 that HDR levels make on the display they are meant for."""
    codes = np.rint(picture * np.float32(_CODES - 1)).astype(np.uint16)
    light: Picture = _table(transfer)[codes]
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
