"""Pictures in and out of files: read as `dream.picture_file` says, written whole or not at all.

All that is written is sRGB, and PNGs say so: others without a profile are taken for sRGB by everyone.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from imageio.v3 import imwrite
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ....dream.picture_files.primaries import BT709
from ....dream.picture_files.reading import Report, ignore, read_levels
from ....dream.picture_files.transfers import SRGB
from ....dream.quantize import rgb24, rgb48
from ....errors import OutputError, OutputExistsError
from ...files.atomic import followed, partial_path, publish
from ...files.disk_space import why_not_written
from ...frames.frames import Picture
from ..containers import require_picture_suffix
from ..encode.tags import Tags, png_with_tags


def _marked_srgb() -> PngInfo:
    """Return the chunk that says so; its 0 stands for a photograph."""
    chunks = PngInfo()
    chunks.add(b"sRGB", b"\0")
    return chunks


_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".jpg": {"quality": 95, "subsampling": 0},
    ".jpeg": {"quality": 95, "subsampling": 0},
    ".png": {"compress_level": 4, "pnginfo": _marked_srgb()},
    ".webp": {"lossless": True},
    ".tif": {"compression": "tiff_deflate"},
    ".tiff": {"compression": "tiff_deflate"},
}
_WITH_EXIF = (".jpg", ".jpeg", ".webp", ".tif", ".tiff")


def read_picture(path: Path, size_px: tuple[int, int] | None = None, tell: Report = ignore) -> Picture:
    """Return the picture in `path`, scaled to `size_px` (width, height) where given.

    `tell` hears what a user should know of it. Raises InputNotFoundError when there is no such file,
    MediaError when it is not a readable picture, or too large.
    """
    return scaled(read_levels(path, "", size_px, tell), size_px)


def read_map(path: Path, enough_px: tuple[int, int]) -> Picture:
    """Return the levels of a picture that is a map as they are stored, whatever colours it says they are.

    A map is data: who paints half grey means a half. A large one may come smaller, but not below twice
    `enough_px`. Raises as `read_picture` does.
    """
    return scaled(read_levels(path, "the map ", enough_px, is_data=True), None)


def scaled(levels: NDArray[np.float32], size_px: tuple[int, int] | None) -> Picture:
    """Return (h, w, 3) levels as a picture of that size (width, height), or of their own."""
    if size_px is not None and (levels.shape[1], levels.shape[0]) != size_px:
        levels = _resized(levels, size_px)
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


def write_picture(path: Path, picture: Picture, overwrite: bool = False, tags: Tags | None = None) -> None:
    """Write a picture as the suffix says (png, jpg, webp, tiff, bmp), whole or not at all.

    Raises OutputError for an unknown suffix or a place that cannot be written. Where something has appeared
    under that name, and may not be replaced, the picture goes beside it, and the error says where.
    """
    require_picture_suffix(path)
    data = _encoded(picture, path.suffix.lower(), tags)
    final = followed(path)
    partial = partial_path(final).with_suffix(path.suffix)
    try:
        partial.write_bytes(data)
        try:
            publish(partial, final, overwrite)
        except OutputExistsError:
            beside = _published_beside(partial, final.with_suffix(path.suffix))
            raise OutputExistsError(
                f"{path} has appeared meanwhile, and was not overwritten: the picture is in {beside} instead."
            ) from None
    except OSError as error:
        why = why_not_written(error, path, len(data))
        raise OutputError(f"{path}: the picture cannot be written ({why}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _encoded(picture: Picture, suffix: str, tags: Tags | None) -> bytes:
    """Return a picture as a file of that kind; Pillow's writers leave files open where the disk is full."""
    if suffix == ".png":
        return png_with_tags(png(picture), tags)
    options = dict(_SAVE_OPTIONS.get(suffix, {}))
    if tags is not None and suffix in _WITH_EXIF:
        options["exif"] = tags.exif
    data: bytes = imwrite("<bytes>", rgb24(picture), plugin="pillow", extension=suffix, **options)
    return data


def _published_beside(partial: Path, final: Path) -> Path:
    """Give a picture the first free name like "dream-2.png", and return it."""
    for number in count(2):
        free = final.with_name(f"{final.stem}-{number}{final.suffix}")
        with suppress(OutputExistsError):
            publish(partial, free)
            return free
    raise AssertionError("count() ends nowhere")


def png(picture: Picture) -> bytes:
    """Return a picture as a PNG of 8 bits per channel."""
    encoded: bytes = imwrite(
        "<bytes>", rgb24(picture), plugin="pillow", extension=".png", **_SAVE_OPTIONS[".png"]
    )
    return encoded


def png_of_16_bits(picture: Picture) -> bytes:
    """Return a picture as a PNG of 16 bits per channel, which Pillow cannot write."""
    import av

    _, height, width = picture.shape
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb48be"
    encoder.time_base = Fraction(1)
    levels = rgb48(picture)
    frame = av.VideoFrame.from_ndarray(levels, format="rgb48be")
    frame.color_primaries, frame.color_trc = BT709, SRGB
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def _resized(levels: NDArray[np.float32], size_px: tuple[int, int]) -> NDArray[np.float32]:
    """Scale in float with Lanczos, channel by channel; Pillow widens the filter when it shrinks."""
    channels = [
        Image.fromarray(levels[:, :, channel]).resize(size_px, Image.Resampling.LANCZOS)
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2).clip(0, 1)
