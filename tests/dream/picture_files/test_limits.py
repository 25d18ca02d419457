"""Large pictures are scaled while they are read, or refused from their headers, before memory is taken."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucidreel.dream.picture_files.reading import read_levels
from lucidreel.errors import MediaError
from lucidreel.render.media.pictures.pictures import read_picture

LARGE = (4400, 3800)
"""Over 16 megapixels, from where on pictures are scaled as they are read."""


def _quarters(mode: str) -> Image.Image:
    """A large picture of four colours, one in each quarter."""
    small = np.array([[(250, 40, 10), (20, 200, 60)], [(90, 90, 90), (0, 10, 240)]], np.uint8)
    image = Image.fromarray(small).resize(LARGE, Image.Resampling.NEAREST)
    if mode == "P":
        return image.quantize(8)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix", "options"),
    [
        ("RGB", ".png", {"compress_level": 1}),
        ("RGBA", ".png", {"compress_level": 1}),
        ("L", ".png", {"compress_level": 1}),
        ("P", ".png", {"compress_level": 1}),
        ("1", ".png", {"compress_level": 1}),
        ("I;16", ".png", {"compress_level": 1}),
        ("RGB", ".jpg", {"quality": 95}),
        ("RGB", ".jpg", {"quality": 95, "progressive": True}),
        ("RGB", ".bmp", {}),
    ],
)
def test_large_pictures_come_out_as_when_read_whole(
    mode: str, suffix: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / f"large{suffix}"
    exif = Image.Exif()
    exif[0x0112] = 1 if suffix == ".bmp" else 6  # turned
    if suffix != ".bmp":
        options = {**options, "exif": exif}
    _quarters(mode).save(path, **options)
    small = read_picture(path, (48, 64))
    assert small.shape == (3, 64, 48)
    whole = np.asarray(_quarters(mode).convert("RGB") if mode != "I;16" else _quarters("L").convert("RGB"))
    whole = whole if suffix == ".bmp" else np.rot90(whole, -1)
    height, width = whole.shape[:2]
    for down in (1, 3):
        for across in (1, 3):
            expected = whole[height * down // 4, width * across // 4] / 255
            got = small[:, 64 * down // 4, 48 * across // 4]
            if mode == "1":  # dithered: black and white dots, grey from afar
                expected = (
                    whole[height * down // 4 - 90 :, width * across // 4 - 90 :][:180, :180].mean() / 255
                )
            np.testing.assert_allclose(got, np.broadcast_to(expected, 3), atol=0.03)


def test_no_more_is_taken_away_than_leaves_twice_what_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    _quarters("L").save(path, compress_level=1)
    assert read_levels(path, enough_px=(1000, 900)).shape == (1900, 2200, 3)
    assert read_levels(path, enough_px=(1200, 900)).shape == (3800, 4400, 3)


def _empty_png(path: Path, width: int, height: int, kind: int = 2, depth: int = 8) -> Path:
    """A PNG that ends where its pixels begin: whoever decodes it complains of that."""
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    pixels = zlib.compress(bytes(100))
    chunks = [(b"IHDR", head), (b"PLTE", bytes(768)), (b"IDAT", pixels), (b"IEND", b"")]
    data = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
        if name != b"PLTE" or kind == 3
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


@pytest.mark.parametrize(
    ("size", "kind", "depth"),
    [
        ((14_000, 14_000), 2, 8),
        ((14_000, 14_000), 6, 8),
        ((30_000, 30_000), 0, 8),
        ((12_000, 12_000), 2, 16),
        ((100_000, 100_000), 3, 8),
        ((2**31 - 1, 2**31 - 1), 0, 1),
    ],
)
def test_more_than_a_file_can_hold_is_refused_from_its_header(
    size: tuple[int, int], kind: int, depth: int, tmp_path: Path
) -> None:
    path = _empty_png(tmp_path / "bomb.png", *size, kind, depth)
    with pytest.raises(MediaError, match=rf"bomb\.png has {size[0]}x{size[1]} pixels.*Scale it down first"):
        read_picture(path, (64, 48))


def test_what_fits_only_when_scaled_asks_for_a_size(tmp_path: Path) -> None:
    path = _empty_png(tmp_path / "large.png", 9000, 9000, kind=0)
    with pytest.raises(MediaError, match=r"large\.png has 9000x9000 pixels.*Give a smaller --size"):
        read_picture(path)
    with pytest.raises(MediaError, match="cannot be read as a picture"):  # its pixels were asked for
        read_picture(path, (64, 48))


def test_a_photograph_may_take_memory_in_proportion_to_its_file(tmp_path: Path) -> None:
    path = _empty_png(tmp_path / "photo.png", 8000, 8000, kind=2)
    with path.open("ab") as file:
        file.truncate(12 * 2**20)
    with pytest.raises(MediaError, match="cannot be read as a picture"):
        read_picture(path)


def test_the_shared_picture_of_one_colour_is_read_scaled(shared: Path) -> None:
    path = shared / "faults" / "huge.png"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    assert read_picture(path, (64, 64)).shape == (3, 64, 64)
    with pytest.raises(MediaError, match="Give a smaller --size"):
        read_picture(path)
