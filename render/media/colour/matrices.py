"""How three coded planes become red, green and blue: every matrix that ITU-T H.273 numbers.

    1 BT.709   4 FCC   5, 6 BT.601   7 SMPTE 240M   9 BT.2020            swscale converts
    0 GBR   8 YCgCo   10 and 13 constant luminance   12 from the primaries
    14 ICtCp   16, 17 YCgCo-Re and -Ro                                    converted here
    11 Y'D'zD'x   15 IPT-PQ-C2   3 and from 18 on (reserved)              refused by name

swscale takes whatever it does not know for BT.601, which turns a YCgCo purple into mustard. Reserved numbers
mostly come as untagged from FFmpeg's decoders, and are read so. The equations are those of H.273
(07/2024), clause 8.3, the light of ICtCp that of BT.2100.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....dream.picture_files.primaries import BT2020, luma_weights
from ....dream.picture_files.transfers import (
    HLG,
    PQ,
    REFUSED,
    camera_level,
    camera_light,
    hlg_level,
    hlg_scene,
    pq_level,
    pq_light,
)
from ...frames.frames import Picture
from ..clip_info import ColourTags

Planes = NDArray[np.float32]

_SWSCALE_NAMES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
_UNTAGGED, _GBR, _YCGCO, _CL_2020, _FROM_PRIMARIES, _CL, _ICTCP = 2, 0, 8, 10, 12, 13, 14
_REVERSIBLE_BITS = {16: 2, 17: 1}
"""YCgCo-Re and YCgCo-Ro: how many bits more than red, green and blue the coded planes have."""
_OWN = {_GBR, _YCGCO, _CL_2020, _FROM_PRIMARIES, _CL, _ICTCP, *_REVERSIBLE_BITS}
_NAMES = {11: "Y'D'zD'x (SMPTE ST 2085)", 15: "IPT-PQ-C2 (Dolby Vision)"}
_HD_LINES, _HD_COLUMNS = 720, 1280

# BT.2100: L'M'S' out of ICtCp for PQ and for HLG, and linear BT.2020 out of LMS.
_LMS_PQ = np.linalg.inv(np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096)
_LMS_HLG = np.linalg.inv(np.array([[2048, 2048, 0], [3625, -7465, 3840], [9500, -9212, -288]]) / 4096)
_RGB_OF_LMS = np.linalg.inv(np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096)


def refusal(colour: ColourTags) -> str | None:
    """Say why pictures tagged so cannot be converted; None when they can."""
    matrix = colour.matrix
    if matrix not in _SWSCALE_NAMES and matrix not in _OWN and matrix != _UNTAGGED:
        return (
            f"its colours are coded by matrix {matrix}, {_NAMES.get(matrix, 'which H.273 leaves undefined')}"
        )
    if colour.transfer in REFUSED:
        return (
            f"its levels are {REFUSED[colour.transfer]} (transfer {colour.transfer}), which no display shows"
        )
    if matrix == _ICTCP and colour.transfer not in (PQ, HLG):
        return f"its colours are coded as ICtCp without the light of HDR (transfer {colour.transfer})"
    if matrix in (_CL, _CL_2020) and colour.is_hdr:
        return f"its colours are coded with constant luminance for HDR (transfer {colour.transfer})"
    return None


def swscale_matrix(colour: ColourTags, size_px: tuple[int, int]) -> str:
    """Return swscale's name of the matrix; `size_px` decides for untagged clips as it does in players."""
    is_hd = size_px[1] >= _HD_LINES or size_px[0] >= _HD_COLUMNS
    return _SWSCALE_NAMES.get(colour.matrix, "bt709" if is_hd else "bt601")


def is_own(colour: ColourTags, is_subsampled: bool) -> bool:
    """Tell whether swscale does not know the matrix. GBR with fewer samples of two colours is a wrong tag."""
    return colour.matrix in _OWN and not (colour.matrix == _GBR and is_subsampled)


def to_rgb(codes: Planes, bits: int, colour: ColourTags) -> Picture:
    """Return the RGB levels, 0..1, of three planes (3, h, w) of codes 0..2^bits - 1."""
    if colour.matrix in _REVERSIBLE_BITS:
        return _reversible(codes, bits, bits - _REVERSIBLE_BITS[colour.matrix], colour.full_range)
    if colour.matrix == _GBR:
        return _unit_luma(codes[[2, 0, 1]], bits, colour.full_range)
    luma = _unit_luma(codes[0], bits, colour.full_range)
    middle, span = 2 ** (bits - 1), 2**bits - 1 if colour.full_range else 224 * 2 ** (bits - 8)
    second, third = (codes[1:] - np.float32(middle)) / np.float32(span)
    if colour.matrix == _YCGCO:
        rest = luma - second
        rgb = np.stack([rest + third, luma + second, rest - third])
    elif colour.matrix == _FROM_PRIMARIES:
        rgb = _of_differences(luma, second, third, luma_weights(colour.primaries))
    elif colour.matrix == _ICTCP:
        rgb = _of_ictcp(np.stack([luma, second, third]), colour.transfer)
    else:
        primaries = BT2020 if colour.matrix == _CL_2020 else colour.primaries
        rgb = _of_constant_luminance(luma, second, third, luma_weights(primaries))
    cut: Picture = np.clip(rgb, 0, 1, dtype=np.float32)
    return cut


def _unit_luma(codes: Planes, bits: int, full_range: bool) -> Planes:
    """Return codes of brightness as 0..1, cut off at both ends."""
    black, span = (0, 2**bits - 1) if full_range else (16 * 2 ** (bits - 8), 219 * 2 ** (bits - 8))
    levels: Planes = np.clip((codes - np.float32(black)) / np.float32(span), 0, 1, dtype=np.float32)
    return levels


def _reversible(codes: Planes, bits: int, rgb_bits: int, full_range: bool) -> Picture:
    """Undo YCgCo-R, whole numbers into whole numbers, which lose their halves as the equations say."""
    luma, green, orange = np.rint(codes).astype(np.int32)
    green, orange = green - 2 ** (bits - 1), orange - 2 ** (bits - 1)
    rest = luma - (green >> 1)
    blue = rest - (orange >> 1)
    rgb = np.stack([blue + orange, rest + green, blue]).astype(np.float32)
    return _unit_luma(rgb, rgb_bits, full_range)


def _of_differences(luma: Planes, blue: Planes, red: Planes, weights: tuple[float, float, float]) -> Planes:
    of_red, of_green, of_blue = (np.float32(weight) for weight in weights)
    r = luma + red * (2 - 2 * of_red)
    b = luma + blue * (2 - 2 * of_blue)
    return np.stack([r, (luma - of_red * r - of_blue * b) / of_green, b])


def _of_constant_luminance(
    luma: Planes, blue: Planes, red: Planes, weights: tuple[float, float, float]
) -> Planes:
    """Undo BT.2020's constant luminance: brightness was weighed in light, before the camera's curve."""

    def colour(difference: Planes, weight: float) -> Planes:
        level = float(camera_level(np.array(weight))), float(camera_level(np.array(1 - weight)))
        below, above = np.float32(2 * level[1]), np.float32(2 * (1 - level[0]))
        return luma + difference * np.where(difference <= 0, below, above)

    r, b = colour(red, weights[0]), colour(blue, weights[2])
    bright, red_light, blue_light = (camera_light(np.maximum(each, 0)) for each in (luma, r, b))
    light = (bright - weights[0] * red_light - weights[2] * blue_light) / weights[1]
    return np.stack([r, camera_level(np.maximum(light, 0)), b])


def _of_ictcp(ictcp: Planes, transfer: int) -> Planes:
    """Return PQ or HLG levels of BT.2020's red, green and blue."""
    to_lms = _LMS_PQ if transfer == PQ else _LMS_HLG
    levels = np.clip(np.tensordot(to_lms, ictcp, axes=1), 0, 1)
    light = np.tensordot(_RGB_OF_LMS, pq_light(levels) if transfer == PQ else hlg_scene(levels), axes=1)
    light = np.maximum(light, 0)
    rgb: Planes = (pq_level(light) if transfer == PQ else hlg_level(light)).astype(np.float32)
    return rgb
