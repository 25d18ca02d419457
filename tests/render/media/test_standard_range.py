"""HDR and wide colours end as BT.709: known light comes out at known levels, computed from the standards.

Known numbers: PQ puts 100 cd/m2 at a level of 0.5081, 203 at 0.5807, 1000 at 0.7518 and 10000 at 1
(ITU-R BT.2408, tables 1 and 2); HLG puts 203 cd/m2 at 0.75 and 1000 at 1. Standard white is 203 cd/m2.
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

from lucidreel.dream.picture_files.tone_mapping import tone_curve
from lucidreel.dream.picture_files.transfers import hlg_scene, pq_level, pq_light
from lucidreel.render.events.events import Summary
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig

PQ, HLG, BT2020, BT709 = 16, 18, 9, 1
PATCH_PX = 16
KR, KB = 0.2627, 0.0593


def _level(light_cd: float) -> float:
    """Return the BT.1886 level of light below the knee of the tone curve."""
    return float((light_cd / 203) ** (1 / 2.4))


def _write(
    path: Path, patches: Sequence[Sequence[float]], transfer: int, primaries: int = BT2020, told: str = ""
) -> Path:
    """Write patches of RGB levels as 10-bit limited-range YUV with the matrix of BT.2020.

    `told` is what the file says of its brightness, in x264's words.
    """
    red, green, blue = np.asarray(patches, dtype=np.float64).T
    luma = KR * red + (1 - KR - KB) * green + KB * blue
    chroma = [(blue - luma) / (2 - 2 * KB), (red - luma) / (2 - 2 * KR)]
    planes = [np.rint((luma * 219 + 16) * 4), *(np.rint((each * 224 + 128) * 4) for each in chroma)]
    width = PATCH_PX * len(patches)
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "0", "x264-params": told})
        stream.width, stream.height, stream.pix_fmt = width, 32, "yuv444p10le"
        context = stream.codec_context
        context.colorspace, context.color_range = BT2020, 1
        context.color_primaries, context.color_trc = primaries, transfer
        for number in range(3):
            frame = av.VideoFrame(width, 32, "yuv444p10le")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for plane, levels in zip(frame.planes, planes, strict=True):
                rows = np.zeros((32, plane.line_size // 2), dtype=np.uint16)
                rows[:, :width] = np.repeat(levels, PATCH_PX).astype(np.uint16)
                plane.update(rows.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _patches(path: Path) -> NDArray[np.float32]:
    """Return the RGB of every patch as the dreamer gets it."""
    picture = next(ClipSource(probe(path), ClipConfig()).frames()).picture
    return picture[:, 16, PATCH_PX // 2 :: PATCH_PX].T


def _greys(levels: Sequence[float]) -> list[tuple[float, float, float]]:
    return [(level, level, level) for level in levels]


def test_transfer_functions_put_light_where_the_standards_do() -> None:
    light = np.array([0.0, 100, 203, 1000, 10_000])
    assert pq_level(light) == pytest.approx([0, 0.5081, 0.5807, 0.7518, 1], abs=0.0001)
    assert pq_light(pq_level(light)) == pytest.approx(light, rel=1e-6, abs=1e-6)
    shares = hlg_scene(np.array([0, 0.5, 0.75, 1]))
    assert 1000 * shares**1.2 == pytest.approx([0, 50.7, 203, 1000], abs=0.5)


def test_tone_curve_leaves_the_dark_alone_and_never_falls() -> None:
    light = np.linspace(0, 1000, 2001)
    shares = tone_curve(light)
    dark = light < 85
    assert shares[dark] == pytest.approx(light[dark] / 203, abs=1e-6)
    assert (np.diff(shares) > 0).all()
    assert shares[-1] == pytest.approx(1, abs=1e-6)
    assert np.abs(np.diff(shares, 2)).max() < 1e-4  # no edge at the knee


@pytest.mark.parametrize("peak_cd", [204.0, 400.0, 4000.0, 10_000.0])
def test_tone_curve_of_every_peak_ends_in_white_and_never_falls(peak_cd: float) -> None:
    shares = tone_curve(np.linspace(0, peak_cd, 2001), peak_cd)
    assert (np.diff(shares) > 0).all()
    assert shares[-1] == pytest.approx(1, abs=1e-6)


def test_pq_greys_come_out_at_their_own_light_and_highlights_below_white(tmp_path: Path) -> None:
    lights = [0, 1, 10, 50, 80, 203, 600, 1000, 4000]
    clip = _write(tmp_path / "pq.mp4", _greys(list(pq_level(np.array(lights, dtype=float)))), PQ)
    seen = _patches(clip)
    assert np.ptp(seen, axis=1).max() < 0.002
    assert seen[:5, 1] == pytest.approx([_level(light) for light in lights[:5]], abs=0.004)
    assert 0.85 < seen[5, 1] < seen[6, 1] < 0.999
    assert seen[7:, 1] == pytest.approx([1, 1], abs=0.002)


DISPLAY = "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({}0000,50)"


@pytest.mark.parametrize(
    ("told", "peak_cd", "knee_cd"),
    [
        (DISPLAY.format(4000), 4000, 40),
        (f"{DISPLAY.format(4000)}:cll=600,100", 600, 115),
        (f"{DISPLAY.format(600)}:cll=4000,400", 600, 115),
        (f"{DISPLAY.format(4000)}:cll=0,0", 4000, 40),
        ("cll=400,100", 400, 143),
        ("", None, 88),
    ],
)
def test_brightest_light_that_a_file_tells_becomes_white(
    told: str, peak_cd: float | None, knee_cd: float, tmp_path: Path
) -> None:
    white_cd = peak_cd or 1000
    lights = [knee_cd * 0.95, (knee_cd * white_cd) ** 0.5, white_cd]
    clip = _write(tmp_path / "pq.mp4", _greys(list(pq_level(np.array(lights, dtype=float)))), PQ, told=told)
    assert probe(clip).colour.peak_cd == peak_cd
    seen = _patches(clip)[:, 1]
    assert seen[0] == pytest.approx(_level(lights[0]), abs=0.004)
    assert seen[0] + 0.1 < seen[1] < min(_level(lights[1]) - 0.01, 0.999)
    assert seen[2] == pytest.approx(1, abs=0.002)


def test_hlg_is_made_for_its_reference_display_whatever_the_file_tells(tmp_path: Path) -> None:
    greys = _greys([0.25, 0.5, 0.75, 1])
    plain, told = tmp_path / "plain.mkv", tmp_path / "told.mkv"
    _write(plain, greys, HLG)
    _write(told, greys, HLG, told=DISPLAY.format(4000))
    np.testing.assert_array_equal(_patches(plain), _patches(told))


def test_hlg_greys_come_out_at_the_light_of_the_reference_display(tmp_path: Path) -> None:
    seen = _patches(_write(tmp_path / "hlg.mkv", _greys([0, 0.25, 0.5, 0.75, 1]), HLG))
    expected = [0.0, _level(1000 * (0.25**2 / 3) ** 1.2), _level(1000 * (1 / 12) ** 1.2)]
    assert seen[:3, 1] == pytest.approx(expected, abs=0.004)
    assert 0.85 < seen[3, 1] < 0.95
    assert seen[4, 1] == pytest.approx(1, abs=0.002)


# Linear BT.709 red, green and blue in BT.2020 (ITU-R BT.2087).
COLUMNS = np.array([[0.6274, 0.0691, 0.0164], [0.3293, 0.9195, 0.0880], [0.0433, 0.0114, 0.8956]])


def test_colours_inside_bt709_come_back_as_bt709(tmp_path: Path) -> None:
    patches = [tuple(pq_level(50 * column)) for column in COLUMNS]
    seen = _patches(_write(tmp_path / "pq.mp4", patches, PQ))
    np.testing.assert_allclose(seen.diagonal(), _level(50), atol=0.006)
    np.testing.assert_allclose(seen.astype(np.float64) ** 2.4, np.eye(3) * 50 / 203, atol=0.003)


def test_hue_of_bright_colours_stays(tmp_path: Path) -> None:
    """Orange light of 50 and of 800 cd/m2 has the same proportions, compressed or not."""
    orange = COLUMNS.T @ np.array([1.0, 0.4, 0.1])
    patches = [tuple(pq_level(light * orange)) for light in (50, 800)]
    dim, bright = _patches(_write(tmp_path / "pq.mp4", patches, PQ)).astype(np.float64) ** 2.4
    assert 0.95 < bright[0] < 1 and bright[0] > 3 * dim[0]
    assert bright / bright[0] == pytest.approx(dim / dim[0], abs=0.02)


def test_wide_colours_of_the_standard_range_come_back_as_bt709(tmp_path: Path) -> None:
    patches = [tuple((0.5 * column) ** (1 / 2.4)) for column in COLUMNS]
    seen = _patches(_write(tmp_path / "wide.mp4", patches, transfer=14))
    np.testing.assert_allclose(seen.diagonal(), 0.5 ** (1 / 2.4), atol=0.004)
    np.testing.assert_allclose(seen.astype(np.float64) ** 2.4, np.eye(3) * 0.5, atol=0.004)


@pytest.mark.parametrize(
    ("transfer", "word"), [(PQ, "is HDR: its light was compressed"), (HLG, "is HDR"), (14, "are BT.2020")]
)
def test_film_of_such_a_clip_is_tagged_bt709_and_says_so(
    transfer: int,
    word: str,
    tmp_path: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    clip = _write(tmp_path / "clip.mp4", _greys([0.2, 0.4, 0.6]), transfer)
    summary = rendered(clip, "film.mp4")
    assert film_facts(clip).colour == (1, 9, 9, transfer)
    assert film_facts(summary.output).colour == (1, 1, 1, 1)
    assert len(summary.notes) == 1 and word in summary.notes[0]
    np.testing.assert_allclose(_patches(summary.output), _patches(clip), atol=0.012)
