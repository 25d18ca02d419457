"""Known colours through the whole chain: whatever the source's matrix and range, RGB comes back the same.

The patches are written as YUV computed here from the standards' own numbers, and read back from YUV in the
same way: no library's idea of colour is on either side.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.preview.moments import source_moments

PATCHES = np.array(
    [
        (0, 170, 0),
        (170, 170, 170),
        (200, 40, 40),
        (30, 60, 200),
        (16, 16, 16),
        (235, 235, 235),
        (240, 200, 60),
        (90, 30, 140),
    ]
)
KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
H273 = {"bt601": 6, "bt709": 1, "bt2020": 9, "untagged": 2}
PATCH_PX = 64
CENTRES = np.arange(len(PATCHES)) * PATCH_PX + PATCH_PX // 2


def _to_yuv(rgb: NDArray[Any], matrix: str, full_range: bool, bits: int = 8) -> NDArray[np.float64]:
    kr, kb = KR_KB[matrix]
    red, green, blue = np.moveaxis(np.asarray(rgb, dtype=np.float64) / 255, -1, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = np.stack([(blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)])
    top, scale = 2**bits - 1, 2.0 ** (bits - 8)
    if full_range:
        return np.stack([luma * top, *(chroma * top + 128 * scale)])
    return np.stack([(luma * 219 + 16) * scale, *((chroma * 224 + 128) * scale)])


def _to_rgb(yuv: NDArray[Any], matrix: str, full_range: bool, bits: int) -> NDArray[np.float64]:
    kr, kb = KR_KB[matrix]
    top, scale = 2.0**bits - 1, 2.0 ** (bits - 8)
    if full_range:
        luma, to_blue, to_red = yuv[0] / top, (yuv[1] - 128 * scale) / top, (yuv[2] - 128 * scale) / top
    else:
        luma = (yuv[0] / scale - 16) / 219
        to_blue, to_red = (yuv[1] / scale - 128) / 224, (yuv[2] / scale - 128) / 224
    blue, red = luma + to_blue * (2 - 2 * kb), luma + to_red * (2 - 2 * kr)
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return np.stack([red, green, blue], axis=-1).clip(0, 1) * 255


def _write_patches(
    path: Path, matrix: str, tag: str, full_range: bool, size: tuple[int, int], pixel_format: str = "yuv420p"
) -> Path:
    width, height = size
    bits = 10 if "10" in pixel_format else 8
    levels = np.rint(_to_yuv(PATCHES, matrix, full_range, bits)).astype(np.uint16 if bits > 8 else np.uint8)
    columns = np.minimum(np.arange(width) // PATCH_PX, len(PATCHES) - 1)
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.colorspace = H273[tag]
        stream.codec_context.color_range = 2 if full_range else (0 if tag == "untagged" else 1)
        for number in range(3):
            frame = av.VideoFrame(width, height, pixel_format)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for plane, channel in zip(frame.planes, levels, strict=True):
                step = width // plane.width
                row = channel[columns[::step]]
                rows = np.zeros((plane.height, plane.line_size // row.itemsize), dtype=row.dtype)
                rows[:, : plane.width] = row
                plane.update(rows.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _patches_of(path: Path, matrix: str = "bt709", full_range: bool = False) -> NDArray[np.float64]:
    """Read the middle of every patch from the film's own YUV samples."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        bits = frame.format.components[0].bits
        samples = []
        for plane in frame.planes:
            kind = np.uint16 if bits > 8 else np.uint8
            rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1)
            samples.append(rows[plane.height // 2, CENTRES * plane.width // frame.width])
        return _to_rgb(np.array(samples, dtype=np.float64), matrix, full_range, bits)


SD, HD = (512, 288), (1280, 720)
CASES = {
    "SD tagged 601 limited": ("bt601", "bt601", False, SD, "yuv420p"),
    "SD untagged is 601": ("bt601", "untagged", False, SD, "yuv420p"),
    "SD tagged 709 limited": ("bt709", "bt709", False, SD, "yuv420p"),
    "SD tagged 709 full": ("bt709", "bt709", True, SD, "yuv420p"),
    "SD untagged full (yuvj420p)": ("bt601", "untagged", True, SD, "yuv420p"),
    "HD untagged is 709": ("bt709", "untagged", False, HD, "yuv420p"),
    "HD untagged full is 709": ("bt709", "untagged", True, HD, "yuv420p"),
    "HD tagged 601": ("bt601", "bt601", False, HD, "yuv420p"),
    "SD 4:4:4": ("bt709", "bt709", False, SD, "yuv444p"),
    "10 bit 709": ("bt709", "bt709", False, SD, "yuv420p10le"),
    "10 bit 2020": ("bt2020", "bt2020", False, SD, "yuv420p10le"),
}


@pytest.mark.parametrize("case", CASES)
def test_known_colours_come_back_within_two_levels(
    case: str,
    tmp_path: Path,
    plain: Callable[..., Any],
    film_facts: Callable[[Path], Any],
    rendered: Callable[..., Any],
) -> None:
    matrix, _, full_range, *_ = CASES[case]
    source = _write_patches(tmp_path / "patches.mp4", *CASES[case])
    original = _patches_of(source, matrix, full_range)
    decoded = source_moments(source, [0.0], plain())[0].picture
    assert np.abs(decoded[:, decoded.shape[1] // 2, CENTRES].T * 255 - original).max() < 0.02

    output = tmp_path / "film.mp4"
    rendered(source, output.name)
    result = _patches_of(output)
    assert film_facts(output).colour == (1, 1, 1, 1)
    assert np.abs(result - original).max() <= 2
    assert abs(result[0, 1] - 170) <= 2


def test_webm_is_converted_and_tagged_too(
    tmp_path: Path, film_facts: Callable[[Path], Any], rendered: Callable[..., Any]
) -> None:
    source = _write_patches(tmp_path / "patches.mp4", *CASES["SD untagged is 601"])
    output = tmp_path / "film.webm"
    rendered(source, output.name)
    assert film_facts(output).colour == (1, 1, 1, 1)
    assert np.abs(_patches_of(output) - PATCHES).max() <= 2
