"""What a picture file says of its colours counts: they come out as sRGB, whatever they were stored in.

Expected levels are computed here from the chromaticities, in float, with the Bradford transform; Display P3
230, 60, 40 is sRGB 250, 31, 14.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from lucidreel.dream.picture_files.reading import read_levels
from lucidreel.tests.dream.picture_files.colour_profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    SRGB,
    SRGB_CURVE,
    cmyk_profile,
    gamma_curve,
    grey_profile,
    parametric_curve,
    rgb_profile,
    table_curve,
)

Levels = NDArray[np.float64]
Chromaticities = Sequence[tuple[float, float]]
COLOURS = np.array(
    [(230, 60, 40), (120, 140, 100), (30, 60, 200), (255, 255, 255), (128, 128, 128), (0, 0, 0)]
)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _srgb_light(levels: Levels) -> Levels:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def _srgb_levels(light: Levels) -> Levels:
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255


def _to_xyz(chromaticities: Chromaticities) -> Levels:
    red, green, blue, white = (np.array([x, y, 1 - x - y]) / y for x, y in chromaticities)
    columns = np.stack([red, green, blue], axis=1)
    return np.asarray(columns * np.linalg.solve(columns, white))


def _expected(colours: NDArray[Any], chromaticities: Chromaticities, gamma: float | None) -> Levels:
    levels = colours / 255
    light = _srgb_light(levels) if gamma is None else levels**gamma
    source, target = _to_xyz(chromaticities), _to_xyz(SRGB)
    cones = (_BRADFORD @ target.sum(1)) / (_BRADFORD @ source.sum(1))
    adapted = np.linalg.inv(_BRADFORD) @ (cones[:, None] * _BRADFORD) @ source
    return _srgb_levels(light @ (np.linalg.inv(target) @ adapted).T)


def _seen(path: Path, **keys: Any) -> Levels:
    """Return the levels, 0..255, along the middle of a picture of patches."""
    levels = read_levels(path, **keys)
    return levels[levels.shape[0] // 2, 8::16].astype(np.float64) * 255


def _patches(colours: NDArray[Any] = COLOURS) -> Image.Image:
    return Image.fromarray(np.repeat(np.repeat(colours[None].astype(np.uint8), 16, axis=1), 16, axis=0))


PROFILES: dict[str, tuple[Chromaticities, bytes, float | None]] = {
    "Display P3": (DISPLAY_P3, SRGB_CURVE, None),
    "Adobe RGB": (ADOBE_RGB, gamma_curve(563 / 256), 563 / 256),
    "ProPhoto": (PROPHOTO, gamma_curve(1.8), round(1.8 * 256) / 256),
    "linear P3": (DISPLAY_P3, parametric_curve(0, 1.0), 1.0),
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif"])
@pytest.mark.parametrize("name", PROFILES)
def test_embedded_profiles_are_followed(name: str, suffix: str, tmp_path: Path) -> None:
    chromaticities, curve, gamma = PROFILES[name]
    every: dict[str, dict[str, Any]] = {
        ".jpg": {"quality": 100, "subsampling": 0},
        ".webp": {"lossless": True},
        ".avif": {"quality": 100, "subsampling": "4:4:4"},
    }
    path = tmp_path / f"photo{suffix}"
    _patches().save(path, icc_profile=rgb_profile(chromaticities, curve), **every.get(suffix, {}))
    stored = np.asarray(Image.open(path).convert("RGB"))[8, 8::16]
    np.testing.assert_allclose(_seen(path), _expected(stored, chromaticities, gamma), atol=1.6)


def test_a_display_p3_of_known_levels_comes_out_as_known_levels(tmp_path: Path) -> None:
    _patches().save(tmp_path / "p3.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE))
    np.testing.assert_allclose(_seen(tmp_path / "p3.png")[0], [250, 31, 14], atol=1)


CURVES = {
    "sRGB's, parametric": (SRGB_CURVE, _srgb_light),
    "a gamma": (gamma_curve(2.2), lambda levels: levels ** (round(2.2 * 256) / 256)),
    "a table": (
        table_curve([round(65535 * (i / 1023) ** 1.8) for i in range(1024)]),
        lambda levels: levels**1.8,
    ),
    "none": (b"curv" + bytes(8), lambda levels: levels),
    "parametric 1": (parametric_curve(1, 2.0, 0.9, 0.1), lambda levels: (0.9 * levels + 0.1) ** 2),
    "parametric 2": (parametric_curve(2, 2.0, 0.9, 0, 0.1), lambda levels: (0.9 * levels) ** 2 + 0.1),
    "parametric 4": (
        parametric_curve(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0, 0),
        _srgb_light,
    ),
}


@pytest.mark.parametrize("name", CURVES)
def test_sixteen_bits_keep_their_depth_under_a_profile(name: str, tmp_path: Path) -> None:
    curve, light = CURVES[name]
    ramp = np.linspace(0, 65_535, 2000).round()
    deep = _deep_png(tmp_path / "deep.png", np.stack([ramp, ramp, ramp], axis=1)[None])
    _add_chunk(deep, b"iCCP", b"p\0\0" + zlib.compress(rgb_profile(SRGB, curve)))
    levels = read_levels(deep)[0]
    expected = _srgb_levels(light(ramp / 65_535)) / 255
    np.testing.assert_allclose(levels, np.repeat(expected[:, None], 3, axis=1), atol=0.002)
    if name != "sRGB's, parametric":
        assert len(np.unique(levels[:, 0])) > 1500


def test_sixteen_bits_of_wide_colours_come_out_as_eight_do(tmp_path: Path) -> None:
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE)
    _patches().save(tmp_path / "eight.png", icc_profile=profile)
    wide = np.repeat(np.repeat(COLOURS[None] * 257, 16, axis=1), 16, axis=0)
    deep = _deep_png(tmp_path / "deep.png", wide)
    _add_chunk(deep, b"iCCP", b"p\0\0" + zlib.compress(profile))
    np.testing.assert_allclose(_seen(deep), _expected(COLOURS, DISPLAY_P3, None), atol=0.2)
    np.testing.assert_allclose(_seen(deep), _seen(tmp_path / "eight.png"), atol=1)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_profiles_are_followed(mode: str, tmp_path: Path) -> None:
    grey = np.repeat(np.array([[0, 40, 128, 200, 255]]), 16, axis=1)
    if mode == "I;16":
        image = Image.fromarray((grey * 257).astype(np.uint16))
    else:
        image = Image.fromarray(grey.astype(np.uint8)).convert(mode)
    image.save(tmp_path / "grey.png", icc_profile=grey_profile(gamma_curve(1.0)))
    expected = np.repeat(_srgb_levels(np.array([0, 40, 128, 200, 255]) / 255)[:, None], 3, axis=1)
    np.testing.assert_allclose(_seen(tmp_path / "grey.png"), expected, atol=1)


def test_colour_under_transparency_is_converted_before_it_is_laid_over_black(tmp_path: Path) -> None:
    image = _patches()
    image.putalpha(51)
    image.save(tmp_path / "p3.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE))
    expected = _expected(COLOURS, DISPLAY_P3, None) * 0.2
    np.testing.assert_allclose(_seen(tmp_path / "p3.png"), expected, atol=0.3)


def test_palettes_have_profiles_too(tmp_path: Path) -> None:
    _patches().quantize(16).save(tmp_path / "p3.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE))
    np.testing.assert_allclose(_seen(tmp_path / "p3.png")[0], [250, 31, 14], atol=3)


def test_an_srgb_profile_leaves_every_level(tmp_path: Path) -> None:
    profiles = {
        "ours": rgb_profile(SRGB, SRGB_CURVE),
        "littleCMS's": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    for name, profile in profiles.items():
        _patches().save(tmp_path / "srgb.png", icc_profile=profile)
        np.testing.assert_allclose(_seen(tmp_path / "srgb.png"), COLOURS, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    "profile",
    [
        b"not a profile",
        b"\0" * 200,
        rgb_profile(DISPLAY_P3, SRGB_CURVE)[:300],
        grey_profile(gamma_curve(1.0)),  # of another kind than the picture
    ],
)
def test_a_broken_profile_is_told_and_the_picture_taken_as_srgb(profile: bytes, tmp_path: Path) -> None:
    _patches().save(tmp_path / "odd.png", icc_profile=profile)
    told: list[str] = []
    np.testing.assert_allclose(_seen(tmp_path / "odd.png", report=told.append), COLOURS, atol=1e-4)
    (words,) = told
    assert words.startswith("odd.png: its colour profile cannot be used") and words.endswith("as sRGB")


def test_cmyk_without_a_profile_is_read_as_ink_on_paper(tmp_path: Path) -> None:
    inks = np.array([(0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255)])
    image = Image.fromarray(np.repeat(np.repeat(inks[None].astype(np.uint8), 16, 1), 16, 0), "CMYK")
    image.save(tmp_path / "ink.tif")
    expected = [(255, 255, 255), (0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 0, 0)]
    np.testing.assert_allclose(_seen(tmp_path / "ink.tif"), expected, atol=1)
    image.save(tmp_path / "ink.jpg", quality=100, subsampling=0)
    np.testing.assert_allclose(_seen(tmp_path / "ink.jpg"), expected, atol=4)


INKS = {
    (0, 0, 0, 0): (255, 255, 255),
    (1, 0, 0, 0): (0, 147, 211),
    (0, 1, 0, 0): (204, 0, 107),
    (0, 0, 1, 0): (255, 242, 30),
    (1, 1, 0, 0): (38, 36, 100),
    (0, 0, 0, 1): (0, 0, 0),
}


@pytest.mark.parametrize("suffix", [".tif", ".jpg"])
def test_cmyk_with_a_profile_is_what_its_inks_look_like(suffix: str, tmp_path: Path) -> None:
    """Paper, three inks, one over the other and black, with colours that are not the sum of their parts."""
    mixtures = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    looks = np.array([(0, 0, 0) if inks[3] else INKS.get(inks, (60, 60, 60)) for inks in mixtures])
    profile = cmyk_profile(_lab(looks))
    patches = np.array(list(INKS), np.uint8) * 255
    image = Image.fromarray(np.repeat(np.repeat(patches[None], 16, axis=1), 16, axis=0), "CMYK")
    options: dict[str, Any] = {"quality": 100, "subsampling": 0} if suffix == ".jpg" else {}
    image.save(tmp_path / f"print{suffix}", icc_profile=profile, **options)
    np.testing.assert_allclose(_seen(tmp_path / f"print{suffix}"), list(INKS.values()), atol=5)


def _lab(colours: NDArray[Any]) -> Levels:
    """CIE Lab of sRGB colours, under the white of ICC's connection space."""
    white = np.array([0.9642, 1.0, 0.8249])
    target = _to_xyz(SRGB)
    cones = (_BRADFORD @ white) / (_BRADFORD @ target.sum(1))
    xyz = _srgb_light(colours / 255) @ (np.linalg.inv(_BRADFORD) @ (cones[:, None] * _BRADFORD) @ target).T
    roots = xyz / white
    x, y, z = np.where(roots > 216 / 24389, np.cbrt(roots), (24389 / 27 * roots + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def test_lab_is_converted(tmp_path: Path) -> None:
    Image.new("LAB", (16, 16), (128, 128, 128)).save(tmp_path / "lab.tif")
    np.testing.assert_allclose(_seen(tmp_path / "lab.tif"), [[119, 119, 119]], atol=3)


PRIMARIES = {12: DISPLAY_P3, 9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290))}


@pytest.mark.parametrize("primaries", PRIMARIES)
@pytest.mark.parametrize(("transfer", "gamma"), [(13, None), (4, 2.2), (8, 1.0)])
def test_codes_of_a_png_are_followed_before_its_profile(
    primaries: int, transfer: int, gamma: float | None, tmp_path: Path
) -> None:
    path = tmp_path / "coded.png"
    _patches().save(path, icc_profile=rgb_profile(PROPHOTO, gamma_curve(1.8)))
    _add_chunk(path, b"cICP", bytes([primaries, transfer, 0, 1]))
    np.testing.assert_allclose(_seen(path), _expected(COLOURS, PRIMARIES[primaries], gamma), atol=0.6)


def test_hdr_of_a_png_is_brought_under_white(tmp_path: Path) -> None:
    """PQ puts 50 cd/m2, as dark as paper in shade, at a level of 0.440, and 10,000 at 1."""
    greys = np.repeat(np.array([0.44, 0.58, 1.0])[:, None] * 255, 3, axis=1).round()
    _patches(greys).save(tmp_path / "pq.png")
    _add_chunk(tmp_path / "pq.png", b"cICP", bytes([9, 16, 0, 1]))
    dark, white, most = _seen(tmp_path / "pq.png")
    np.testing.assert_allclose(dark, _srgb_levels(np.array(50 / 203)), atol=3)
    assert 200 < white[0] < most[0] == pytest.approx(255, abs=1)


def _avif_p3(path: Path) -> None:
    _patches().save(path, quality=100, subsampling="4:4:4")
    data = path.read_bytes()
    place = data.index(b"nclx") + 4
    assert struct.unpack_from(">H", data, place) == (1,)
    path.write_bytes(data[:place] + struct.pack(">H", 12) + data[place + 2 :])


def test_codes_of_an_avif_are_followed(tmp_path: Path) -> None:
    _avif_p3(tmp_path / "p3.avif")
    np.testing.assert_allclose(_seen(tmp_path / "p3.avif")[0], [250, 31, 14], atol=4)


def test_gamma_and_chromaticities_of_a_png_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "adobe.png"
    _patches().save(path)
    _add_chunk(path, b"cHRM", _chromaticities(ADOBE_RGB))
    _add_chunk(path, b"gAMA", struct.pack(">I", 100_000))
    np.testing.assert_allclose(_seen(path), _expected(COLOURS, ADOBE_RGB, 1.0), atol=0.6)
    _add_chunk(path, b"sRGB", b"\0")  # counts before them
    np.testing.assert_allclose(_seen(path), COLOURS, atol=1e-4)


def test_the_gamma_that_stands_for_srgb_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "usual.png"
    _patches().save(path)
    _add_chunk(path, b"cHRM", _chromaticities(SRGB))
    _add_chunk(path, b"gAMA", struct.pack(">I", 45_455))
    np.testing.assert_allclose(_seen(path), COLOURS, atol=1e-4)


@pytest.mark.parametrize(("kind", "data"), [(b"gAMA", bytes(4)), (b"cHRM", bytes(32))])
def test_chunks_without_sense_are_told(kind: bytes, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    _patches().save(path)
    _add_chunk(path, kind, data)
    told: list[str] = []
    np.testing.assert_allclose(_seen(path, report=told.append), COLOURS, atol=1e-4)
    assert told == ["odd.png: its gAMA and cHRM chunks make no sense: its colours were taken as sRGB"]


def test_adobe_rgb_of_a_camera_is_known_by_its_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 65535, 0xA005: {1: "R03"}}
    _patches().save(tmp_path / "camera.jpg", quality=100, subsampling=0, exif=exif)
    stored = np.asarray(Image.open(tmp_path / "camera.jpg"))[8, 8::16]
    np.testing.assert_allclose(
        _seen(tmp_path / "camera.jpg"), _expected(stored, ADOBE_RGB, 563 / 256), atol=0.6
    )


def test_data_is_left_as_it_is_stored(tmp_path: Path) -> None:
    _patches().save(tmp_path / "map.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE))
    np.testing.assert_allclose(_seen(tmp_path / "map.png", is_data=True), COLOURS, atol=1e-4)


def test_the_shared_photo_of_a_phone_is_srgb(shared: Path) -> None:
    path = shared / "faults" / "p3.jpg"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    np.testing.assert_allclose(read_levels(path)[45, 80] * 255, [250, 31, 14], atol=2)


def _chromaticities(corners: Chromaticities) -> bytes:
    red, green, blue, white = corners
    return struct.pack(
        ">8I", *(round(value * 100_000) for each in (white, red, green, blue) for value in each)
    )


def _deep_png(path: Path, levels: NDArray[Any]) -> Path:
    """Write (h, w, 3) levels of 16 bits with FFmpeg's encoder, which Pillow has not."""
    height, width = levels.shape[:2]
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb48be"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(levels.astype(np.uint16)), format="rgb48be")
    frame.color_primaries = frame.color_trc = 2
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    return path


def _add_chunk(path: Path, kind: bytes, data: bytes) -> None:
    """Put a chunk right behind a PNG's header."""
    png = path.read_bytes()
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(png[:33] + chunk + png[33:])
