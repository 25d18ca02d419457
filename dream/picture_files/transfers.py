"""What levels mean as light, and which levels light has: the transfer functions of ITU-T H.273 in use.

Arrays are of any shape; levels are 0..1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

PQ, HLG, SRGB = 16, 18, 13
"""Numbers of H.273."""
REFUSED = {8: "linear", 9: "logarithmic", 10: "logarithmic", 17: "SMPTE ST 428"}
"""Those whose levels nobody should take for a display's, and that are not converted."""

# SMPTE ST 2084.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
# ITU-R BT.2100.
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
# ITU-R BT.2020, which is BT.709 with more digits.
_ALPHA, _BETA = 1.09929682680944, 0.018053968510807


def pq_light(levels: Values) -> Values:
    """Return the light in cd/m2 that PQ levels mean (the EOTF of SMPTE ST 2084)."""
    root = levels ** (1 / _M2)
    light: Values = 10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return light


def pq_level(light_cd: Values) -> Values:
    """Return the PQ level of light in cd/m2, the inverse of `pq_light`."""
    power = (light_cd / 10_000) ** _M1
    level: Values = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return level


def hlg_scene(levels: Values) -> Values:
    """Return the scene light, 0..1, that HLG levels mean (the inverse OETF of ITU-R BT.2100)."""
    scene: Values = np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - _C) / _A) + _B) / 12)
    return scene


def hlg_level(scene: Values) -> Values:
    """Return the HLG level of scene light, the inverse of `hlg_scene`."""
    bright = _A * np.log(np.maximum(12 * scene - _B, 1e-9)) + _C
    level: Values = np.where(scene <= 1 / 12, np.sqrt(3 * np.minimum(scene, 1 / 12)), bright)
    return level


def camera_level(scene: Values) -> Values:
    """Return the level that a camera of BT.709 or BT.2020 makes of scene light (its OETF)."""
    level: Values = np.where(scene < _BETA, 4.5 * scene, _ALPHA * scene**0.45 - (_ALPHA - 1))
    return level


def camera_light(levels: Values) -> Values:
    """Return the scene light behind a camera's levels, the inverse of `camera_level`."""
    light: Values = np.where(
        levels < 4.5 * _BETA, levels / 4.5, ((levels + (_ALPHA - 1)) / _ALPHA) ** (1 / 0.45)
    )
    return light


def srgb_light(levels: Values) -> Values:
    """Return the light, 0..1, that sRGB levels mean (IEC 61966-2-1)."""
    light: Values = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return light


def srgb_level(light: Values) -> Values:
    """Return the sRGB level of light, the inverse of `srgb_light`."""
    level: Values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return level
