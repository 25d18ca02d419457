"""The camera: pixel-exact when still, the right way round when it moves, and kind to fine detail."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from lucidreel.render.carry.camera import CameraCarry, CameraPath, Motion
from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.frames.frames import Frame, FrameDreamer, Picture
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.settings.settings import Settings, ZoomConfig
from lucidreel.tests.render.rendering import render_zoom


def _spot(x: float, y: float, width: int = 121, height: int = 91) -> Picture:
    """Return a soft white spot on black, centred on (x, y) in pixels from the top left pixel's centre."""
    down, right = np.mgrid[:height, :width]
    level = np.exp(-((right - x) ** 2 + (down - y) ** 2) / 18).astype(np.float32)
    return np.repeat(level[None], 3, axis=0)


def _centre(picture: Picture, near: tuple[float, float]) -> tuple[float, float]:
    """Return the centre of the light within 15 px of `near`: what is mirrored may show the spot again."""
    level = picture[0].astype(np.float64).clip(0.02, None) - 0.02
    down, right = np.mgrid[: level.shape[0], : level.shape[1]]
    level[np.hypot(right - near[0], down - near[1]) > 15] = 0
    return float((right * level).sum() / level.sum()), float((down * level).sum() / level.sum())


@given(
    zoom=st.floats(0.8, 1.25),
    rotate_deg=st.floats(-30, 30),
    shift=st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    spot=st.tuples(st.floats(45, 75), st.floats(35, 55)),
)
@settings(max_examples=40, deadline=None)
def test_a_spot_goes_where_the_documented_map_says(
    zoom: float, rotate_deg: float, shift: tuple[float, float], spot: tuple[float, float]
) -> None:
    """Magnified and turned counter-clockwise about the centre (60, 45), then shifted right and down."""
    right, down = spot[0] - 60, spot[1] - 45
    angle = np.deg2rad(rotate_deg)
    expected = (
        60 + zoom * (right * np.cos(angle) + down * np.sin(angle)) + shift[0],
        45 + zoom * (-right * np.sin(angle) + down * np.cos(angle)) + shift[1],
    )
    moved = Motion(zoom, rotate_deg, shift).apply(_spot(*spot))
    assert _centre(moved, expected) == pytest.approx(expected, abs=0.1)


def test_whole_pixel_shift_moves_pixels_exactly() -> None:
    picture = np.random.default_rng(0).random((3, 40, 60), dtype=np.float32)
    moved = Motion(shift_px=(3, 2)).apply(picture)
    np.testing.assert_allclose(moved[:, 4:-2, 5:-2], picture[:, 2:-4, 2:-5], atol=2e-4)


def test_still_camera_changes_no_pixel() -> None:
    picture = np.random.default_rng(0).random((3, 33, 47), dtype=np.float32)
    moved = Motion.per_frame(ZoomConfig(zoom_per_s=1.0)).apply(picture)
    np.testing.assert_array_equal(moved, picture)
    assert moved is not picture


def test_speeds_are_per_second_whatever_the_rate() -> None:
    for fps in ("10", "24", "30000/1001"):
        config = ZoomConfig(fps=fps, zoom_per_s=2, rotate_deg_per_s=30, shift_px_per_s=(12, -6))
        motion = Motion.per_frame(config)
        rate = float(Fraction(fps))
        assert motion.zoom**rate == pytest.approx(2)
        assert motion.rotate_deg * rate == pytest.approx(30)
        assert [pixels * rate for pixels in motion.shift_px] == pytest.approx([12, -6])


def test_no_black_edge_appears_when_the_camera_leaves_the_picture() -> None:
    bright = np.full((3, 60, 80), 0.8, dtype=np.float32)
    for motion in (Motion(0.7), Motion(1.0, 20.0), Motion(1.0, 0.0, (-9, 7))):
        assert motion.apply(bright).min() == pytest.approx(0.8, abs=1e-5)


def test_fine_detail_survives_thirty_zooms(shared: Path) -> None:
    """Fine detail left after 30 zooms of 1 %, as a share of what one zoom of the same size leaves."""
    picture = read_picture(shared / "photos" / "red_barn.jpg")
    picture = np.ascontiguousarray(picture[:, 160:352, 256:512])
    motion = Motion(1.01)
    bicubic, bilinear = picture, torch.from_numpy(picture)[None]
    theta = torch.tensor([[[1 / 1.01, 0, 0], [0, 1 / 1.01, 0]]])
    for _ in range(30):
        bicubic = motion.apply(bicubic)
        grid = F.affine_grid(theta, list(bilinear.shape), align_corners=False)
        bilinear = F.grid_sample(bilinear, grid, padding_mode="reflection", align_corners=False)
    ideal = Motion(1.01**30).apply(picture)
    kept = _fine_detail(bicubic) / _fine_detail(ideal)
    assert kept > 0.6
    assert kept > 10 * _fine_detail(bilinear[0].numpy()) / _fine_detail(ideal)


def _fine_detail(picture: Picture) -> float:
    """Return the spectrum's energy between 0.2 and 0.37 cycles per pixel, away from the borders."""
    grey = picture.mean(axis=0)[24:-24, 24:-24]
    grey = grey * np.hanning(grey.shape[0])[:, None] * np.hanning(grey.shape[1])
    power = np.abs(np.fft.fft2(grey)) ** 2
    radius = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1]))
    return float(power[(radius > 0.2) & (radius < 0.37)].sum())


@pytest.mark.parametrize(
    ("duration_s", "fps", "count"),
    [(10, "24", 240), (1, "24000/1001", 24), (0.29, "100", 29), (0.001, "24", 1)],
)
def test_path_has_as_many_frames_as_its_length_holds(duration_s: float, fps: str, count: int) -> None:
    path = CameraPath(_spot(60, 45), ZoomConfig(duration_s=duration_s, fps=fps))
    frames = list(path.frames())
    assert path.film.frame_count == len(frames) == count
    assert frames[-1].time_s == (count - 1) * path.film.time_base


def test_each_frame_dreams_about_the_moved_last_dream() -> None:
    bare = ZoomConfig(zoom_per_s=2, fps="4", iterations_share=0.25, tone_hold=0, births=0)
    carry = CameraCarry(bare)
    first, second = Frame(0, Fraction(0), _spot(60, 45)), Frame(1, Fraction(1, 4), _spot(60, 45))
    start = carry.start(first, None)
    assert start.image is first.picture and start.init is None and start.iterations_share == 1
    dream = _spot(70, 45)
    start = carry.start(second, Dreamt(first, dream))
    assert start.iterations_share == 0.25 and start.init is None
    expected = (60 + 10 * 2 ** (1 / 4), 45.0)
    # The camera heads for places round the centre, once round in two seconds: no frame is moved by more than
    # a quarter of a pixel, and all of them together by nothing.
    seen = []
    for number in range(1, 9):
        frame = Frame(number, Fraction(number, 4), first.picture)
        seen.append(_centre(carry.start(frame, Dreamt(first, dream)).image, expected))
    assert np.mean(seen, axis=0) == pytest.approx(expected, abs=0.05)
    assert np.linalg.norm(np.subtract(seen, expected), axis=1).max() < 0.25 + 0.05


def test_zoom_film_moves_from_frame_to_frame_at_its_rate(
    tmp_path: Path, unchanged: FrameDreamer, film_facts: Callable[[Path], Any]
) -> None:
    config = Settings.read(
        {"zoom": {"duration_s": 1, "fps": "24000/1001", "zoom_per_s": 1, "shift_px_per_s": [24, 0]}},
        "the test",
    )
    film, pictures = tmp_path / "zoom.mp4", tmp_path / "zoom"
    for output in (film, pictures):
        summary = render_zoom(_spot(40, 45), output, config, unchanged, overwrite=False)
        assert summary.frames == 24
    assert film_facts(film).times_s == tuple(Fraction(1001 * n, 24_000) for n in range(24))
    assert film_facts(film).size_px == (121, 91)
    step = 24 * 1001 / 24_000
    for number in (0, 10, 23):
        expected = (40 + number * step, 45.0)
        seen = _centre(read_picture(pictures / f"{number + 1:06d}.png"), expected)
        assert seen == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    ("motion", "new"),
    [
        (Motion(1.1), (0, 0, 0, 0)),
        (Motion(shift_px=(3, 0)), (9, 0, 0, 0)),
        (Motion(shift_px=(-2, 1)), (0, 6, 3, 0)),
    ],
)
def test_what_came_into_view_lies_where_the_camera_moved(
    motion: Motion, new: tuple[int, int, int, int]
) -> None:
    """Columns from the left and right, rows from the top and bottom, within three frames."""
    left, right, top, bottom = new
    expected = np.ones((40, 60), np.float32)
    expected[top : 40 - bottom, left : 60 - right] = 0
    np.testing.assert_array_equal(motion.revealed(40, 60, 3), expected)


def test_a_place_off_the_centre_stays_where_it_is_when_the_camera_heads_for_it() -> None:
    motion = Motion(1.2, 15.0, about_px=(20.0, -10.0))
    assert _centre(motion.apply(_spot(80, 35)), (80, 35)) == pytest.approx((80, 35), abs=0.1)
