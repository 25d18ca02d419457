"""What the levels in a picture file mean, and the same picture in sRGB.

The first of these that a file has counts:

    cICP (PNG), nclx without a profile (AVIF)   numbers of ITU-T H.273: primaries and transfer, HDR too
    an ICC profile                              `icc_profile`
    sRGB (PNG)                                  sRGB
    gAMA and cHRM (PNG)                         a gamma, and the chromaticities of the primaries
    EXIF's R03, or colour space 2               Adobe RGB (1998), as cameras write it
    nothing                                     sRGB
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import icc_profile
from .exif import is_adobe_rgb
from .png_chunks import kept_place, png_chunks
from .primaries import bt709_matrix
from .tone_mapping import is_hdr, to_sdr
from .transfers import srgb_level, srgb_light

Levels = NDArray[np.float32]

_ADOBE_RGB = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_BT709 = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADOBE_GAMMA = 563 / 256
_USUAL_GAMMA = 2.2  # that of files whose writer meant sRGB
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
"""Transfer functions of H.273 that are powers; the others are taken for sRGB's."""
_PIXELS_AT_ONCE = 1_000_000
_MOST_BOXES = 1000


@dataclass(frozen=True)
class PictureColour:
    """How to bring a picture's levels to sRGB; without any of the three they are sRGB."""

    profile: bytes | None = None
    """An ICC profile."""
    codes: tuple[int, int, bool] | None = None
    """Primaries, transfer function and full range, as numbered by H.273."""
    gamma: float | None = None
    chromaticities: tuple[float, ...] = _BT709
    """Of white, red, green and blue, x and y by turns; `gamma` None is sRGB's curve."""

    @property
    def is_srgb(self) -> bool:
        """Tell whether there is nothing to do."""
        if self.profile is not None or self.codes is not None:
            return False
        usual = self.gamma is None or abs(self.gamma / _USUAL_GAMMA - 1) < 0.05
        return usual and np.allclose(self.chromaticities, _BT709, atol=0.005)

    def converted(self, levels: Levels) -> Levels:
        """Return (h, w, 3) float levels of 0..1 as sRGB, written over those given.

        Raises BrokenProfileError, or ValueError for chromaticities that span no colours.
        """
        if not self.is_srgb:
            rows = max(1, _PIXELS_AT_ONCE // max(1, levels.shape[1]))
            for top in range(0, levels.shape[0], rows):
                levels[top : top + rows] = self._converted(levels[top : top + rows])
        return levels

    def _converted(self, levels: Levels) -> Levels:
        if self.profile is not None:
            return icc_profile.deep_to_srgb(levels, self.profile)
        if self.codes is not None:
            return _of_codes(levels, *self.codes)
        light = srgb_light(levels) if self.gamma is None else levels ** np.float32(self.gamma)
        white, red, green, blue = zip(self.chromaticities[::2], self.chromaticities[1::2], strict=True)
        light = light @ bt709_matrix(red, green, blue, white).T
        return srgb_level(np.clip(light, 0, 1)).astype(np.float32)


def picture_colour(image: Image.Image, file: BinaryIO, report: Callable[[str], None]) -> PictureColour:
    """Return how the levels of an open picture are meant; what is broken is reported, and passed over."""
    codes = _codes(image, file)
    if codes is not None and (image.format == "PNG" or "icc_profile" not in image.info):
        return PictureColour(codes=codes)
    if profile := image.info.get("icc_profile"):
        return _of_profile(image, profile, report)
    if "srgb" in image.info:
        return PictureColour()
    if image.format == "PNG" and ("gamma" in image.info or "chromaticity" in image.info):
        return _of_png(image.info.get("gamma"), image.info.get("chromaticity", _BT709), report)
    return (
        PictureColour(None, None, _ADOBE_GAMMA, _ADOBE_RGB) if is_adobe_rgb(image, file) else PictureColour()
    )


def _of_profile(image: Image.Image, profile: bytes, report: Callable[[str], None]) -> PictureColour:
    try:
        mode = icc_profile.pillow_mode(profile)
        if (mode in ("CMYK", "LAB") or image.mode in ("CMYK", "LAB")) and mode != image.mode:
            raise icc_profile.BrokenProfileError(f"it is for {mode}, the picture is {image.mode}")
        if mode == "L" and image.mode in ("RGB", "RGBA", "P", "PA"):
            raise icc_profile.BrokenProfileError("it is for grey, the picture is in colour")
        return PictureColour() if icc_profile.is_srgb(profile) else PictureColour(profile)
    except icc_profile.BrokenProfileError as error:
        report(f"its colour profile cannot be used ({error}): its colours were taken as sRGB")
        return PictureColour()


def _of_png(
    encoding: float | None, chromaticities: tuple[float, ...], report: Callable[[str], None]
) -> PictureColour:
    gamma = None if encoding is None else 1 / encoding if 0.05 <= encoding <= 20 else 0.0
    colour = PictureColour(None, None, gamma, tuple(chromaticities))
    try:
        if gamma == 0:
            raise ValueError(f"a gamma of {encoding:g}")
        colour.converted(np.zeros((1, 1, 3), np.float32))
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        report("its gAMA and cHRM chunks make no sense: its colours were taken as sRGB")
        return PictureColour()
    return colour


def _of_codes(levels: Levels, primaries: int, transfer: int, full_range: bool) -> Levels:
    if not full_range:
        levels = np.clip((levels * 255 - 16) / 219, 0, 1, dtype=np.float32)
    if transfer in _GAMMAS:
        levels = srgb_level(levels ** np.float32(_GAMMAS[transfer])).astype(np.float32)
    curve = transfer if is_hdr(transfer) else 13
    planes = np.ascontiguousarray(levels.transpose(2, 0, 1))
    return to_sdr(planes, primaries, curve, display=13).transpose(1, 2, 0)


def _codes(image: Image.Image, file: BinaryIO) -> tuple[int, int, bool] | None:
    """Return the H.273 numbers in the file; None where there are none, or they mean sRGB."""
    try:
        with kept_place(file):
            found = _cicp(file) if image.format == "PNG" else _nclx(file) if image.format == "AVIF" else None
    except (struct.error, OSError, ValueError):
        found = None
    return None if found is None or (found[0] in (1, 2) and found[1] not in (4, 5, 8, 16, 18)) else found


def _cicp(file: BinaryIO) -> tuple[int, int, bool] | None:
    """Read a PNG's cICP chunk, which stands before the pixels."""
    for kind, size in png_chunks(file):
        if kind == b"cICP" and size == 4:
            primaries, transfer, _, full_range = struct.unpack("4B", file.read(4))
            return primaries, transfer, bool(full_range)
        if kind == b"IDAT":
            break
    return None


def _nclx(file: BinaryIO) -> tuple[int, int, bool] | None:
    """Read the colours of an AVIF's picture (meta, iprp, ipco, colr); libavif has undone the range."""
    file.seek(0, 2)
    end = file.tell()
    place = 0
    for _ in range(_MOST_BOXES):
        if place + 8 > end:
            return None
        file.seek(place)
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind in (b"meta", b"iprp", b"ipco"):  # what is inside comes next; meta has four more bytes of head
            place += 12 if kind == b"meta" else 8
            continue
        if kind == b"colr" and file.read(4) == b"nclx":
            primaries, transfer = struct.unpack(">HH", file.read(4))
            return primaries, transfer, True
        if size < 8:
            return None
        place += size
    return None
