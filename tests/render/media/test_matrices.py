"""Every matrix that ITU-T H.273 numbers comes back as the colours it was made of, or is refused by name.

The forward equations stand here as H.273 (clause 8.3) and BT.2100 have them; the program has their inverses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.dream.picture_files.transfers import (
    camera_level,
    camera_light,
    hlg_level,
    hlg_scene,
    pq_level,
    pq_light,
    srgb_level,
)
from lucidreel.errors import MediaError
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.clip_info import ColourTags
from lucidreel.render.media.colour.matrices import refusal
from lucidreel.render.settings.settings import ClipConfig

Levels = NDArray[np.float64]
PATCHES: Levels = np.array(
    [(196, 85, 146), (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (20, 130, 90)]
)
PATCH_PX = 16
PQ, HLG = 16, 18


def _differences(rgb: Levels, of_red: float, of_blue: float) -> Levels:
    r, g, b = rgb.T
    y = of_red * r + (1 - of_red - of_blue) * g + of_blue * b
    return np.array([y, (b - y) / (2 - 2 * of_blue), (r - y) / (2 - 2 * of_red)])


def _ycgco(rgb: Levels) -> Levels:
    r, g, b = rgb.T
    return np.array([g / 2 + (r + b) / 4, g / 2 - (r + b) / 4, (r - b) / 2])


def _constant_luminance(rgb: Levels) -> Levels:
    """BT.2020, table 4, with its own numbers."""
    light = camera_light(rgb)
    y = camera_level(light @ [0.2627, 0.6780, 0.0593])
    blue, red = rgb[:, 2] - y, rgb[:, 0] - y
    return np.array([y, blue / np.where(blue <= 0, 1.9404, 1.5816), red / np.where(red <= 0, 1.7184, 0.9936)])


def _constant_luminance_709(rgb: Levels) -> Levels:
    """The same with BT.709's weights, and the spans of H.273: twice the camera's level of what is left."""
    light = camera_light(rgb)
    y = camera_level(light @ [0.2126, 0.7152, 0.0722])
    blue, red = rgb[:, 2] - y, rgb[:, 0] - y
    spans = {
        weight: [float(2 * camera_level(np.array(1 - weight))), float(2 - 2 * camera_level(np.array(weight)))]
        for weight in (0.2126, 0.0722)
    }
    (below_b, above_b), (below_r, above_r) = spans[0.0722], spans[0.2126]
    return np.array(
        [y, blue / np.where(blue <= 0, below_b, above_b), red / np.where(red <= 0, below_r, above_r)]
    )


def _ictcp(rgb: Levels, transfer: int) -> Levels:
    """BT.2100, tables 6 and 7."""
    to_light, to_level = (pq_light, pq_level) if transfer == PQ else (hlg_scene, hlg_level)
    to_lms = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
    levels = to_level(to_light(rgb) @ to_lms.T)
    rows = [[6610, -13613, 7003], [17933, -17390, -543]]
    if transfer == HLG:
        rows = [[3625, -7465, 3840], [9500, -9212, -288]]
    return np.array((levels @ (np.array([[2048, 2048, 0], *rows]) / 4096).T).T)


def _codes(planes: Levels, bits: int, full_range: bool) -> Levels:
    scale = 2 ** (bits - 8)
    if full_range:
        middle = 2 ** (bits - 1)
        codes = np.rint(planes * (2**bits - 1) + np.array([[0], [middle], [middle]]))
        return np.asarray(codes.clip(0, 2**bits - 1))
    return np.asarray(np.rint((planes * [[219], [224], [224]] + [[16], [128], [128]]) * scale))


def _clip(
    path: Path,
    codes: Levels,
    pixel_format: str,
    matrix: int,
    full_range: bool = False,
    primaries: int = 2,
    transfer: int = 2,
) -> Path:
    """Write patches of these codes (3, patches), losslessly, with these tags."""
    width = PATCH_PX * codes.shape[1]
    kind = np.uint8 if pixel_format in ("yuv444p", "yuv420p", "gray") else np.uint16
    codec, options = ("ffv1", {}) if path.suffix == ".mkv" else ("libx264", {"qp": "0"})
    with av.open(str(path), mode="w") as container:
        stream: Any = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = width, 32, pixel_format
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, 2 if full_range else 1
        context.color_primaries, context.color_trc = primaries, transfer
        for number in range(2):
            frame = av.VideoFrame(width, 32, pixel_format)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            frame.color_range, frame.colorspace = context.color_range, matrix
            for plane, levels in zip(frame.planes, codes, strict=False):
                row = np.repeat(levels, PATCH_PX)[:: width // plane.width].clip(0, 65535).astype(kind)
                rows = np.zeros((plane.height, plane.line_size // row.itemsize), kind)
                rows[:, : plane.width] = row
                plane.update(rows.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _seen(path: Path) -> Levels:
    """Return the levels, 0..255, of every patch as the dreamer gets them."""
    picture = next(ClipSource(probe(path), ClipConfig()).frames()).picture
    return picture[:, 16, PATCH_PX // 2 :: PATCH_PX].T.astype(np.float64) * 255


LINEAR: dict[str, tuple[int, int, Callable[[Levels], Levels]]] = {
    "BT.709": (1, 1, lambda rgb: _differences(rgb, 0.2126, 0.0722)),
    "FCC": (4, 2, lambda rgb: _differences(rgb, 0.30, 0.11)),
    "BT.470 BG": (5, 2, lambda rgb: _differences(rgb, 0.299, 0.114)),
    "SMPTE 170M": (6, 6, lambda rgb: _differences(rgb, 0.299, 0.114)),
    "SMPTE 240M": (7, 7, lambda rgb: _differences(rgb, 0.212, 0.087)),
    "YCgCo": (8, 1, _ycgco),
    "BT.2020": (9, 1, lambda rgb: _differences(rgb, 0.2627, 0.0593)),
    "BT.2020, constant luminance": (10, 1, _constant_luminance),
    "from the primaries of BT.709, constant luminance": (13, 1, _constant_luminance_709),
    "from the primaries of BT.709": (12, 1, lambda rgb: _differences(rgb, 0.2126, 0.0722)),
    "from the primaries of SMPTE 170M": (12, 6, lambda rgb: _differences(rgb, 0.2124, 0.0866)),
}


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(("bits", "pixel_format"), [(8, "yuv444p"), (10, "yuv444p10le"), (8, "yuv420p")])
@pytest.mark.parametrize("name", LINEAR)
def test_matrices_come_back_within_two_levels(
    name: str, bits: int, pixel_format: str, full_range: bool, tmp_path: Path
) -> None:
    matrix, primaries, forward = LINEAR[name]
    codes = _codes(forward(PATCHES / 255), bits, full_range)
    clip = _clip(tmp_path / "clip.mp4", codes, pixel_format, matrix, full_range, primaries)
    assert probe(clip).colour.matrix == matrix
    # Next to black a level of 8 bits of constant luminance is more than one of red, green or blue.
    np.testing.assert_allclose(_seen(clip), PATCHES, atol=3 if matrix in (10, 13) and bits == 8 else 2)


@pytest.mark.parametrize("full_range", [False, True])
def test_green_blue_and_red_themselves_come_back(full_range: bool, tmp_path: Path) -> None:
    codes = (PATCHES if full_range else np.rint(PATCHES / 255 * 219 + 16)).T[[1, 2, 0]]
    clip = _clip(tmp_path / "clip.mp4", codes, "yuv444p", 0, full_range)
    assert probe(clip).pixel_format == "gbrp"
    np.testing.assert_allclose(_seen(clip), PATCHES, atol=0.7)
    clip = _clip(tmp_path / "clip.mkv", codes, "yuv444p", 0, full_range)
    assert probe(clip).pixel_format == "yuv444p"
    np.testing.assert_allclose(_seen(clip), PATCHES, atol=0.7)


@pytest.mark.parametrize("full_range", [False, True])
def test_grey_of_both_ranges_comes_back(full_range: bool, tmp_path: Path) -> None:
    grey = np.array([[0.0, 128, 255]])
    codes = grey if full_range else np.rint(grey / 255 * 219 + 16)
    clip = _clip(tmp_path / "clip.mkv", codes, "gray", 2, full_range)
    np.testing.assert_allclose(_seen(clip), np.repeat(grey.T, 3, axis=1), atol=0.7)


@pytest.mark.parametrize(("matrix", "lost_bits"), [(16, 2), (17, 1)])
def test_reversible_ycgco_comes_back_exactly(matrix: int, lost_bits: int, tmp_path: Path) -> None:
    bits = 10
    most = 2 ** (bits - lost_bits) - 1
    r, g, b = np.rint(PATCHES / 255 * most).astype(int).T
    orange = r - b
    rest = b + (orange >> 1)
    green = g - rest
    codes = np.array([rest + (green >> 1), green + 2 ** (bits - 1), orange + 2 ** (bits - 1)])
    clip = _clip(tmp_path / "clip.mkv", codes.astype(float), "yuv444p10le", matrix, full_range=True)
    np.testing.assert_allclose(_seen(clip), np.array([r, g, b]).T / most * 255, atol=0.01)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_ictcp_is_what_ycbcr_of_the_same_light_is(transfer: int, tmp_path: Path) -> None:
    levels = PATCHES / 255 * 0.6
    told = _codes(_differences(levels, 0.2627, 0.0593), 10, full_range=False)
    plain = _clip(tmp_path / "plain.mp4", told, "yuv444p10le", 9, primaries=9, transfer=transfer)
    codes = _codes(_ictcp(levels, transfer), 10, full_range=False)
    clip = _clip(tmp_path / "ictcp.mp4", codes, "yuv444p10le", 14, primaries=9, transfer=transfer)
    np.testing.assert_allclose(_seen(clip), _seen(plain), atol=2)


@pytest.mark.parametrize(
    ("matrix", "transfer", "words"),
    [
        (11, 1, r"matrix 11, Y'D'zD'x"),
        (15, PQ, "matrix 15, IPT-PQ-C2"),
        (14, 1, "ICtCp without the light of HDR"),
        (10, PQ, "constant luminance for HDR"),
        (1, 8, "levels are linear"),
        (1, 9, "levels are logarithmic"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(
    matrix: int, transfer: int, words: str, tmp_path: Path
) -> None:
    clip = _clip(tmp_path / "clip.mkv", np.full((3, 2), 100.0), "yuv444p", matrix, transfer=transfer)
    with pytest.raises(MediaError, match=f"{words}.*ffmpeg"):
        probe(clip)


def test_matrices_that_h273_leaves_undefined_are_refused_where_ffmpeg_tells_them() -> None:
    for matrix in (3, 18, 255):
        told = ColourTags(matrix, full_range=False, primaries=1, transfer=1)
        assert refusal(told) == f"its colours are coded by matrix {matrix}, which H.273 leaves undefined"


# Each by its chromaticities, worked out with the equations of SMPTE RP 177 and the Bradford transform.
WIDE: dict[str, tuple[int, Sequence[Sequence[float]]]] = {
    "Display P3": (12, [[1.2249, -0.2249, 0], [-0.0420, 1.0420, 0], [-0.0196, -0.0786, 1.0983]]),
    "BT.2020": (9, [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]),
    "DCI-P3": (11, [[1.1575, -0.1550, -0.0025], [-0.0415, 1.0455, -0.0040], [-0.0181, -0.0786, 1.0966]]),
}


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("transfer", [1, 13])
def test_wide_primaries_are_brought_to_bt709(
    name: str, transfer: int, tmp_path: Path, rendered: Callable[..., Any]
) -> None:
    primaries, matrix = WIDE[name]
    rgb = np.array([(230, 60, 40), (255, 255, 255), (128, 128, 128), (120, 140, 100)]) / 255
    codes = _codes(_differences(rgb, 0.2126, 0.0722), 10, full_range=False)
    clip = _clip(tmp_path / "clip.mp4", codes, "yuv444p10le", 1, primaries=primaries, transfer=transfer)
    to_light = (lambda levels: levels**2.4) if transfer == 1 else _srgb_light
    back = (lambda light: light ** (1 / 2.4)) if transfer == 1 else srgb_level
    wanted = back(np.clip(to_light(rgb) @ np.array(matrix).T, 0, 1)) * 255
    np.testing.assert_allclose(_seen(clip), wanted, atol=2)
    np.testing.assert_allclose(_seen(clip)[1:3], rgb[1:3] * 255, atol=1)
    (note,) = rendered(clip, "film.mp4").notes
    assert note == f"the clip's colours are {name}: brought to BT.709"


def _srgb_light(levels: Levels) -> Levels:
    """IEC 61966-2-1."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def test_purple_of_the_shared_clip_is_purple(shared: Path) -> None:
    clip = shared / "faults" / "ycgco.mp4"
    if not clip.exists():
        pytest.skip(f"{clip} is absent")
    picture = next(ClipSource(probe(clip), ClipConfig()).frames()).picture
    np.testing.assert_allclose(picture[:, 45, 80] * 255, [196, 85, 146], atol=2)
