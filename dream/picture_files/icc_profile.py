"""Embedded ICC profiles: what a picture's levels mean, turned into sRGB by littleCMS.

littleCMS (Pillow's ImageCms) takes every kind of profile, but only 8 bits per channel. Deep pictures with the
usual RGB or grey profile, which is a matrix and a curve per channel (ICC.1:2022, 8.3.3, 10.6 and 10.18), are
computed in float instead; with a profile made of tables, what 8 bits say is converted, and the rest of the
level added.

Colours are matched relative to the white of the paper, with black point compensation, as photo editors do. A
profile that moves no colour by more than a level is sRGB under another name: its pictures keep their levels.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from ..quantize import uint8_levels
from .primaries import D50_XYZ, xyz_matrix_to_bt709
from .transfers import srgb_level

Levels = NDArray[np.float32]
Curve = NDArray[np.float64]
"""Light at evenly spaced levels from 0 to 1."""

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_HEADER_BYTES, _MOST_TAGS = 128, 1000
_POINTS = 4096
_STEPS = 9


class BrokenProfileError(ValueError):
    """An ICC profile that cannot be read, or does not belong to such a picture."""


def pillow_mode(profile: bytes) -> str:
    """Return Pillow's name for the kind of colours that a profile describes. Raises BrokenProfileError."""
    return _opened(profile)[1]


@lru_cache(maxsize=4)
def is_srgb(profile: bytes) -> bool:
    """Tell whether a profile moves no colour by more than a level of 255. Raises BrokenProfileError."""
    mode = pillow_mode(profile)
    if mode not in ("RGB", "L"):
        return False
    ramp = np.linspace(0, 255, _STEPS if mode == "RGB" else 256).round().astype(np.uint8)
    if mode == "L":
        before = Image.fromarray(ramp[None])
    else:
        before = Image.fromarray(np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(1, -1, 3))
    after = to_srgb(before, profile)
    moved = np.asarray(before.convert("RGB"), np.int16) - np.asarray(after, np.int16)
    return bool(np.abs(moved).max() <= 1)


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture of the profile's own mode (`pillow_mode`) as sRGB. Raises BrokenProfileError."""
    try:
        converted = ImageCms.applyTransform(image, _transform(profile))
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise BrokenProfileError(str(error)) from error
    assert converted is not None  # None is what `inPlace` returns
    return converted


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """Return a picture in CIE Lab (TIFF has such) as sRGB."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # None is what `inPlace` returns
    return converted


def deep_to_srgb(levels: Levels, profile: bytes) -> Levels:
    """Return (h, w, 3) float levels of 0..1 as sRGB; grey ones have three channels alike.

    Raises BrokenProfileError.
    """
    mode = pillow_mode(profile)
    found = _curves(profile, mode)
    if found is None:
        return _by_eight_bits(levels, profile, mode)
    curves, matrix = found
    at = np.linspace(0, 1, _POINTS)
    light = np.stack([np.interp(levels[..., c], at, curve) for c, curve in enumerate(curves)], axis=-1)
    return srgb_level(np.clip(light @ matrix.T, 0, 1)).astype(np.float32)


def _by_eight_bits(levels: Levels, profile: bytes, mode: str) -> Levels:
    coarse = uint8_levels(levels)
    image = Image.fromarray(coarse if mode == "RGB" else np.ascontiguousarray(coarse[..., 0]))
    converted = np.asarray(to_srgb(image, profile), np.float32) / 255
    fine: Levels = np.clip(converted + (levels - coarse / np.float32(255)), 0, 1, dtype=np.float32)
    return fine


@lru_cache(maxsize=4)
def _opened(profile: bytes) -> tuple[ImageCms.ImageCmsProfile, str]:
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = opened.profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise BrokenProfileError(str(error)) from error
    if space not in _MODES:
        raise BrokenProfileError(f"it describes {space} colours")
    return opened, _MODES[space]


@lru_cache(maxsize=4)
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform:
    opened, mode = _opened(profile)
    return ImageCms.buildTransform(
        opened,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC,
    )


@lru_cache(maxsize=4)
def _curves(profile: bytes, mode: str) -> tuple[list[Curve], NDArray[np.float32]] | None:
    """Return a curve per channel and the matrix to linear BT.709; None for a profile made of tables."""
    try:
        tags = _tags(profile)
        if "A2B0" in tags or "A2B1" in tags:
            return None
        if mode == "L":
            return [_curve(tags["kTRC"])] * 3, np.eye(3, dtype=np.float32)
        if mode != "RGB":
            return None
        columns = [_xyz(tags[f"{channel}XYZ"]) for channel in "rgb"]
        curves = [_curve(tags[f"{channel}TRC"]) for channel in "rgb"]
        return curves, xyz_matrix_to_bt709(np.stack(columns, axis=1), D50_XYZ)
    except (KeyError, struct.error, ValueError, OverflowError):  # littleCMS says what it thinks of it
        return None


def _tags(profile: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    tags = {}
    for place in range(min(count, _MOST_TAGS)):
        name, start, size = struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * place)
        tags[name.decode("latin-1")] = profile[start : start + size]
    return tags


def _xyz(tag: bytes) -> NDArray[np.float64]:
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def _curve(tag: bytes) -> Curve:
    """Return a curve tag, 'curv' or 'para', as light at evenly spaced levels."""
    at = np.linspace(0, 1, _POINTS)
    if tag[:4] == b"para":
        return _parametric(at, struct.unpack_from(">H", tag, 8)[0], tag[12:])
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return at
    if count == 1:
        return np.asarray(at ** (struct.unpack_from(">H", tag, 12)[0] / 256))
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return np.interp(at, np.linspace(0, 1, count), table)


def _parametric(at: Curve, kind: int, numbers: bytes) -> Curve:
    """Return light by one of the five formulas of ICC.1:2022, table 68, all of them cases of the last."""
    count = (1, 3, 4, 5, 7)[min(kind, 4)]
    given = [number / 65536 for number in struct.unpack_from(f">{count}i", numbers)]
    all_seven = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    all_seven[:count] = given
    g, a, b, c, d, e, f = all_seven.tolist()
    if kind in (1, 2):  # their third number lifts the whole curve, which bends where a x + b is 0
        lift = c if kind == 2 else 0.0
        c, d, e, f = 0.0, -b / a if a else 0.0, lift, lift
    with np.errstate(all="ignore"):
        bent = np.maximum(a * at + b, 0) ** g + e
    return np.asarray(np.where(at >= d, bent, c * at + f).clip(0, 1))
