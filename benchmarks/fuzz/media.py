"""Pictures and clips: what their headers, profiles and packets make of our own code.

The decoders behind (Pillow, littleCMS, FFmpeg) are not instrumented; a crash of theirs ends the worker and is
kept as well.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from lucidreel.benchmarks.fuzz.findings import WrongAnswerError
from lucidreel.benchmarks.fuzz.mutation import of_bytes
from lucidreel.benchmarks.fuzz.target import Target, as_file, seed_files
from lucidreel.dream.picture_files import icc_profile
from lucidreel.dream.picture_files.reading import open_picture, read_levels
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.pictures.animation import AnimationSource
from lucidreel.render.settings.settings import ClipConfig

_PNG = b"\x89PNG\r\n\x1a\n"


def _picture(path: Path) -> None:
    data = path.read_bytes()
    if data.startswith(_PNG):
        path.write_bytes(_with_checksums(data))
    with open_picture(path) as opened:
        assert opened.upright_size_px
    read_levels(path, "the guide ", (64, 64))
    AnimationSource(path, ClipConfig())


def _with_checksums(png: bytes) -> bytes:
    """Return a PNG with the right checksum in every chunk."""
    parts, place = [_PNG], len(_PNG)
    while place + 8 <= len(png):
        size, kind = struct.unpack_from(">I4s", png, place)
        content = png[place + 8 : place + 8 + size]
        parts.append(
            struct.pack(">I4s", size, kind) + content + struct.pack(">I", zlib.crc32(kind + content))
        )
        place += size + 12
    return b"".join(parts)


def _seed_pictures() -> Iterator[bytes]:
    yield from seed_files("faults/*.jpg", "faults/*.webp", "faults/*.avif", "faults/circ/*.png")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[274] = 6
    grey = Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
    for image in (Image.new("RGB", (9, 7), "red"), Image.new("P", (5, 5)), Image.new("LA", (4, 4)), grey):
        for kind in ("PNG", "TIFF", "GIF", "BMP", "PPM", "JPEG2000", "WEBP", "JPEG"):
            file = BytesIO()
            try:
                image.save(file, kind, icc_profile=profile, exif=exif.tobytes())
            except (OSError, ValueError):
                continue
            yield file.getvalue()
    for kind in ("PNG", "TIFF", "WEBP", "GIF"):
        file = BytesIO()
        pages = [Image.new("RGB", (6, 6), colour) for colour in ("red", "green", "blue")]
        pages[0].save(file, kind, save_all=True, append_images=pages[1:], duration=40)
        yield file.getvalue()


def _profile(data: bytes, _: Path) -> None:
    icc_profile.is_srgb(data)
    levels = icc_profile.deep_to_srgb(np.linspace(0, 1, 60, dtype=np.float32).reshape(4, 5, 3), data)
    if not (np.isfinite(levels).all() and levels.min() >= 0 and levels.max() <= 1):
        raise WrongAnswerError("a profile makes levels that are out of range")


def _seed_profiles() -> Iterator[bytes]:
    for name in ("sRGB", "LAB", "XYZ"):
        yield ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()
    for content in seed_files("faults/p3.jpg"):
        yield Image.open(BytesIO(content)).info.get("icc_profile", b"")


TARGETS = {
    "picture": Target(
        "a picture: a guide, a map, a frame of a folder", as_file("picture.bin", _picture), _seed_pictures,
        of_bytes,
    ),
    "profile": Target(
        "a picture's colour profile", _profile, _seed_profiles, of_bytes,
        raises=(icc_profile.BrokenProfileError,),
    ),
    "clip": Target(
        "a clip's streams, packets and times", as_file("clip.bin", probe),
        lambda: seed_files("faults/*.mp4", "faults/*.mkv", "faults/*.ts", "faults/*.avif", "faults/*.avi"),
        of_bytes, most_bytes=40_000,
    ),
}  # fmt: skip
