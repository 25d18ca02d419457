"""How much memory a picture file may take, known from its header, and large ones scaled while they are read.

A PNG of 200 KB can hold 200 megapixels of one colour. What reading takes is known from size, mode and format
before any pixel is decoded. Every file may have 448 MiB for that, which is some seconds' work, and 768 MiB
with its levels in float; a larger one 128 times its own size, or 512 times where the format packs photographs
as tightly. Pictures that are wanted much smaller are scaled while they are read, JPEG by its decoder, others
strip by strip, by whole numbers and never below twice what is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...errors import MediaError

Numbers = NDArray[np.integer | np.floating]

_DECODING_BYTES, _READING_BYTES = 448 * 2**20, 768 * 2**20
_SHARE, _LOSSY_SHARE = 128, 512
_LOSSY = ("JPEG", "MPO", "WEBP", "AVIF", "JPEG2000")
_LARGE_PIXELS = 16_000_000
"""Smaller ones are read whole: scaling in two steps would only cost time."""
STRIP_PIXELS = 2_000_000
_FLOAT_BYTES = 12
# All others take 4. One byte counts as two: they are decoded no faster.
_MODE_BYTES = {"1": 2, "L": 2, "P": 2, "I;16": 2, "I;16L": 2, "I;16B": 2}
# What a decoder holds beside Pillow's picture, in bytes per pixel: three canvases of RGBA for WebP, planes
# and RGBA for AVIF, a strip that may be the whole for TIFF, four 32-bit channels for JPEG 2000.
_DECODER_BYTES = {"WEBP": 12, "AVIF": 6, "TIFF": 4, "JPEG2000": 16}
_COEFFICIENT_BYTES = 2
_DEEP_BYTES = 8


def draft(image: Image.Image, enough_px: tuple[int, int] | None) -> None:
    """Have a large JPEG decoded at a part of its size that still has twice what is wanted."""
    if enough_px is not None and image.width * image.height > _LARGE_PIXELS:
        side = 2 * max(enough_px)  # either way up: EXIF may turn it
        image.draft(None, (side, side))


def require_readable(
    image: Image.Image, own_size_px: tuple[int, int], is_deep: bool, file_bytes: int, factor: int
) -> None:
    """Raise MediaError where reading the picture would take more memory than a file of that size may.

    `own_size_px` is the size before `draft`; `factor` is its `reduction`.
    """
    share = _LOSSY_SHARE if image.format in _LOSSY else _SHARE
    decoding = _decoding_bytes(image, own_size_px, is_deep)
    reading = decoding + _FLOAT_BYTES * image.width * image.height // factor**2
    refused = decoding_refusal(own_size_px, decoding, file_bytes, share)
    if refused is not None and not _is_drafted(image):
        raise MediaError(refused)
    described = _described(own_size_px, file_bytes)
    if reading > (allowed := max(_READING_BYTES, share * file_bytes)):
        raise MediaError(
            f"{described}: reading it takes {_size_words(reading)} of memory, where {_size_words(allowed)} "
            "are allowed for such a file. Give a smaller --size, or scale it down first."
        )


def decoding_refusal(
    size_px: tuple[int, int], decoding_bytes: int, file_bytes: int, share: int = _SHARE
) -> str | None:
    """Say why a file of that size may not be decoded, if it takes too much memory."""
    allowed = max(_DECODING_BYTES, share * file_bytes)
    if decoding_bytes <= allowed:
        return None
    described, needed = _described(size_px, file_bytes), _size_words(decoding_bytes)
    return (
        f"{described}: decoding it takes {needed} of memory, where "
        f"{_size_words(allowed)} are allowed for such a file. Scale it down first, with another program."
    )


def reduction(size_px: tuple[int, int], enough_px: tuple[int, int] | None) -> int:
    """Return by how much a picture can be divided and still have twice what is wanted; 1 for none."""
    width, height = size_px
    if enough_px is None or width * height <= _LARGE_PIXELS:
        return 1
    return max(1, min(min(size_px) // (2 * min(enough_px)), max(size_px) // (2 * max(enough_px))))


def reduced(image: Image.Image, factor: int, mode: Callable[[Image.Image], str]) -> Image.Image:
    """Return a picture divided by `factor` both ways, each strip in the mode that `mode` names for it."""
    if factor == 1:
        return image
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width // factor) * factor
    whole: Image.Image | None = None
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        small = strip.convert(mode(strip)).reduce(factor)
        if whole is None:
            whole = Image.new(small.mode, (small.width, math.ceil(height / factor)))
            whole.info = dict(image.info)
        whole.paste(small, (0, top // factor))
    assert whole is not None  # a picture has a row
    return whole


def reduced_grey(image: Image.Image, factor: int) -> Numbers:
    """Return (h, w) levels of a picture in 16-bit or float grey, divided by `factor` both ways."""
    width, height = image.size
    if factor == 1:
        return _numbers(image)
    rows = max(1, STRIP_PIXELS // width // factor) * factor
    strips = (image.crop((0, top, width, min(top + rows, height))) for top in range(0, height, rows))
    return np.concatenate([reduced_levels(_numbers(strip), factor) for strip in strips])


def reduced_levels(levels: Numbers, factor: int) -> Numbers:
    """Return (h, w, ...) levels of 16 bits, or float, averaged over squares of `factor`."""
    if factor == 1:
        return levels
    import cv2

    height, width = levels.shape[:2]
    size = (math.ceil(width / factor), math.ceil(height / factor))
    small: Numbers = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
    return small


def _numbers(image: Image.Image) -> Numbers:
    numbers = np.asarray(image)
    if numbers.dtype == np.int32:  # Pillow's "I", of which 16 bits count
        return numbers.clip(0, 65535).astype(np.uint16)
    return numbers if numbers.dtype.isnative else numbers.astype(np.uint16)


def _is_drafted(image: Image.Image) -> bool:
    """Tell a JPEG that its decoder can scale, however large it is."""
    return image.format in ("JPEG", "MPO") and "progressive" not in image.info


def _decoding_bytes(image: Image.Image, own_size_px: tuple[int, int], is_deep: bool) -> int:
    own = own_size_px[0] * own_size_px[1]
    pixels = image.width * image.height
    size = pixels * (_DEEP_BYTES if is_deep else _MODE_BYTES.get(image.mode, 4))
    if "progressive" in image.info:  # the coefficients of all its pixels are held, whatever size is wanted
        size += own * _COEFFICIENT_BYTES * len(image.getbands())
    return size + own * _DECODER_BYTES.get(image.format or "", 0)


def _described(size_px: tuple[int, int], file_bytes: int) -> str:
    return f"has {size_px[0]}x{size_px[1]} pixels in a file of {_size_words(file_bytes)}"


def _size_words(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} GiB"
