"""Picture files of every kind, in and out; noise and contact sheets."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel.errors import InputNotFoundError, MediaError, OutputError
from lucidreel.render.frames.frames import Picture
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.media.pictures.pictures import png, png_of_16_bits, read_picture, write_picture
from lucidreel.render.preview.contact_sheet import contact_sheet

Levels = NDArray[np.uint16]
RGB = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[10, 20, 30], [128, 128, 128], [255, 255, 255]]], np.uint8
)


def _as_picture(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff", ".bmp"])
def test_lossless_files_keep_every_level(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture{suffix}"
    write_picture(path, _as_picture(RGB))
    read = read_picture(path)
    np.testing.assert_array_equal(read, _as_picture(RGB))
    assert read.dtype == np.float32 and read.flags.c_contiguous
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("encode", [png, png_of_16_bits])
def test_pngs_say_that_they_are_srgb(encode: Callable[[Picture], bytes], tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encode(_as_picture(RGB)))
    with Image.open(path) as image:
        assert "srgb" in image.info
    np.testing.assert_allclose(read_picture(path), _as_picture(RGB), atol=1e-4)
    write_picture(tmp_path / "still.png", _as_picture(RGB))
    with Image.open(tmp_path / "still.png") as image:
        assert "srgb" in image.info


def test_jpeg_is_close(tmp_path: Path, shared: Path) -> None:
    photo = read_picture(shared / "photos" / "flowers.jpg")
    write_picture(tmp_path / "copy.jpg", photo)
    assert np.abs(read_picture(tmp_path / "copy.jpg") - photo).mean() < 0.01


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    image.save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(read_picture(tmp_path / "turned.png"), _as_picture(np.rot90(RGB, -1)))


def test_alpha_is_laid_over_black(tmp_path: Path) -> None:
    rgba = np.dstack([RGB, np.array([[255, 0, 255], [255, 51, 0]], np.uint8)])
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    seen = read_picture(tmp_path / "alpha.png")
    np.testing.assert_allclose(seen[:, 0, 1], 0)
    np.testing.assert_allclose(seen[:, 1, 1], 128 / 255 * 0.2, atol=1e-6)
    np.testing.assert_allclose(seen[:, 0, 0], [1, 0, 0])


def test_palette_and_transparent_palette(tmp_path: Path) -> None:
    paletted = Image.fromarray(RGB).quantize(16)
    paletted.save(tmp_path / "palette.png")
    np.testing.assert_allclose(read_picture(tmp_path / "palette.png"), _as_picture(RGB), atol=0.02)
    index = paletted.getpixel((0, 0))
    paletted.save(tmp_path / "hole.png", transparency=index)
    assert read_picture(tmp_path / "hole.png")[:, 0, 0].max() == 0


def test_sixteen_bit_grey_keeps_its_levels(tmp_path: Path) -> None:
    levels = np.array([[0, 1, 257], [30_000, 65_000, 65_535]], np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    expected = np.repeat((levels / 65_535).astype(np.float32)[None], 3, axis=0)
    np.testing.assert_allclose(read_picture(tmp_path / "deep.png"), expected, atol=1e-7)


def _deep_file(path: Path, levels: Levels, pixel_format: str) -> Path:
    """Write (h, w, channels) levels of 16 bits with FFmpeg's encoder, which Pillow has not."""
    height, width = levels.shape[:2]
    encoder = av.CodecContext.create("png" if path.suffix == ".png" else "tiff", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixel_format
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame(width, height, pixel_format)
    row_bytes = frame.planes[0].line_size
    rows = np.zeros((height, row_bytes), np.uint8)
    data = levels.astype(">u2" if pixel_format.endswith("be") else "<u2").view(np.uint8)
    rows[:, : data[0].size] = data.reshape(height, -1)
    frame.planes[0].update(rows.tobytes())
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    return path


def _ramps(channels: int) -> Levels:
    """Levels of 1,000 steps, in every channel others."""
    ramp = np.linspace(0, 65_535, 1000).round().astype(np.uint16)
    each = [ramp, ramp[::-1], ramp // 2, np.full_like(ramp, 65_535)]
    return np.ascontiguousarray(np.stack([each[channel] for channel in range(channels)], axis=1)[None])


@pytest.mark.parametrize(
    ("name", "pixel_format"),
    [("deep.png", "rgb48be"), ("deep.png", "rgba64be"), ("deep.tiff", "rgb48le"), ("deep.tiff", "rgba64le")],
)
def test_sixteen_bit_colours_keep_their_levels(name: str, pixel_format: str, tmp_path: Path) -> None:
    levels = _ramps(4 if "a" in pixel_format else 3)
    read = read_picture(_deep_file(tmp_path / name, levels, pixel_format))
    np.testing.assert_allclose(read, levels[..., :3].transpose(2, 0, 1) / 65_535, atol=1e-7)
    assert len(np.unique(read[0])) == 1000


def test_sixteen_bit_grey_with_alpha_keeps_its_levels_and_is_laid_over_black(tmp_path: Path) -> None:
    levels = _ramps(2)
    levels[..., 1] = 65_535 // 3
    read = read_picture(_deep_file(tmp_path / "deep.png", levels, "ya16be"))
    np.testing.assert_allclose(read, np.repeat(levels[None, ..., 0] / 65_535 / 3, 3, axis=0), atol=1e-7)
    assert len(np.unique(read)) == 1000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_pictures_are_turned_as_others_are(orientation: int, tmp_path: Path) -> None:
    levels = (RGB.astype(np.uint16) * 257)[:, :2]
    deep = _deep_file(tmp_path / "deep.png", levels, "rgb48be")
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(RGB[:, :2]).save(tmp_path / "plain.png", exif=exif)
    deep.write_bytes(_with_exif(deep.read_bytes(), exif.tobytes()))
    np.testing.assert_allclose(read_picture(deep), read_picture(tmp_path / "plain.png"), atol=1e-6)


def _with_exif(png: bytes, exif: bytes) -> bytes:
    """Put an eXIf chunk behind a PNG's header."""
    chunk = b"eXIf" + exif.removeprefix(b"Exif\0\0")
    head = 8 + 25
    length, checksum = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
    return png[:head] + length + chunk + checksum + png[head:]


def test_grey_and_bilevel(tmp_path: Path) -> None:
    Image.fromarray(RGB[:, :, 1]).save(tmp_path / "grey.png")
    assert read_picture(tmp_path / "grey.png")[2, 0, 1] == 1
    Image.new("1", (3, 2), 1).save(tmp_path / "bilevel.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "bilevel.png"), np.ones((3, 2, 3), np.float32))


def test_size_is_width_by_height_and_shrinks_without_moire(tmp_path: Path) -> None:
    board = np.indices((64, 96)).sum(axis=0)[:, :, None] % 2 * np.full(3, 255)
    write_picture(tmp_path / "board.png", _as_picture(board.astype(np.uint8)))
    small = read_picture(tmp_path / "board.png", (24, 16))
    assert small.shape == (3, 16, 24)
    np.testing.assert_allclose(small, 0.5, atol=0.02)


def test_what_is_not_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear Sir")
    (tmp_path / "torn.png").touch()
    with pytest.raises(InputNotFoundError, match="does not exist"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(InputNotFoundError, match="not a picture file"):
        read_picture(tmp_path)
    for name in ("letter.png", "torn.png"):
        with pytest.raises(MediaError, match=f"{name} cannot be read as a picture"):
            read_picture(tmp_path / name)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "it is HEIC"),
        (b"\xff\x0a\x10\x20", "it is JPEG XL"),
        (b"<svg xmlns=''/>", "it is SVG"),
        (b"%PDF-1.7", "it is PDF"),
        (b"Dear Sir", "its first bytes are no picture's"),
    ],
)
def test_pictures_of_other_kinds_are_called_what_they_are(head: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(head + bytes(100))
    with pytest.raises(
        MediaError, match=rf"photo\.png cannot be read as a picture \({kind}.*onvert it to PNG"
    ):
        read_picture(tmp_path / "photo.png")


def test_cut_off_picture_is_refused(tmp_path: Path, shared: Path) -> None:
    data = (shared / "photos" / "flowers.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError, match=r"cut.jpg cannot be read"):
        read_picture(tmp_path / "cut.jpg")
    deep = _deep_file(tmp_path / "cut.png", np.repeat(_ramps(3), 64, axis=0), "rgb48be")
    deep.write_bytes(deep.read_bytes()[: deep.stat().st_size // 2])
    with pytest.raises(MediaError, match=r"cut.png cannot be read"):
        read_picture(deep)


def test_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.xcf.*\.png"):
        write_picture(tmp_path / "picture.xcf", _as_picture(RGB))


def test_noise_depends_on_its_seed_alone() -> None:
    np.testing.assert_array_equal(noise_picture(60, 40, 7), noise_picture(60, 40, 7))
    assert np.abs(noise_picture(60, 40, 7) - noise_picture(60, 40, 8)).mean() > 0.05


def test_noise_is_soft_and_around_mid_grey() -> None:
    noise = noise_picture(256, 192, 0)
    assert noise.shape == (3, 192, 256) and noise.dtype == np.float32
    assert abs(float(noise.mean()) - 0.5) < 0.01
    assert 0.08 < float(noise.std()) < 0.15
    assert noise.min() >= 0 and noise.max() <= 1
    neighbours = np.corrcoef(noise[0, :, :-1].ravel(), noise[0, :, 1:].ravel())[0, 1]
    assert neighbours > 0.7  # white noise has 0


def test_contact_sheet_places_pictures_in_rows() -> None:
    pictures = [np.full((3, 10, 20), 0.1 * (n + 1), dtype=np.float32) for n in range(5)]
    sheet = contact_sheet(pictures)
    assert sheet.shape == (3, 24, 68)  # three columns, two rows, gaps of 4
    for index in range(5):
        row, column = divmod(index, 3)
        np.testing.assert_allclose(sheet[:, row * 14 + 5, column * 24 + 10], 0.1 * (index + 1), atol=1e-6)
    assert contact_sheet(pictures, columns=5).shape == (3, 10, 116)
    assert contact_sheet(pictures[:1]) is pictures[0]


def test_contact_sheet_centres_smaller_pictures() -> None:
    sheet = contact_sheet([np.ones((3, 10, 20), np.float32), np.ones((3, 4, 6), np.float32)], columns=1)
    assert sheet.shape == (3, 24, 20)
    assert sheet[0, 14:].sum() == pytest.approx(24 + (10 * 20 - 24) * 0.08, rel=1e-5)
    assert sheet[0, 14 + 3, 7] == 1
