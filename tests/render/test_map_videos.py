"""Maps along a film: which map a frame gets, from videos on the clip's clock, and from the frame itself."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucidreel.dream.targets.regions import read_region
from lucidreel.errors import OutputError
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.frames.frames import Picture
from lucidreel.render.maps import MapSupply, settings_maps
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.settings.settings import Settings
from lucidreel.tests.render.rendering import render_clip, render_zoom

from .stand_in import Asked, StandIn

GREY = np.full((3, 6, 8), 0.5, np.float32)


def shows_map(asked: Asked) -> Picture:
    """Dream of nothing but the one map that is given: the picture is the map, in grey."""
    assert asked.map.shape == asked.image.shape[1:] and asked.map.dtype == np.float32
    return np.repeat(asked.map[None], 3, axis=0)


SHOWS_MAP = StandIn(shows_map)


@pytest.fixture(scope="module")
def rising(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> Path:
    """A map video of 10 frames at 10 per second, 32 x 24, whose frame n is grey of 25 * n."""
    frames = [np.full((24, 32, 3), 25 * number, np.uint8) for number in range(10)]
    return write_clip(
        tmp_path_factory.mktemp("maps") / "rising.mp4", frames, time_base=Fraction(1, 10), codec="libx264rgb",
        pixel_format="rgb24",
    )  # fmt: skip


def number_at(supply: MapSupply, time_s: Fraction | int | str) -> int:
    """Return the number of `rising`'s frame that is on the screen at a time."""
    ((_, found),) = supply.at(GREY, Fraction(time_s)).items()
    assert np.ptp(found) < 1e-6
    return round(float(found.mean()) * 255 / 25)


@pytest.mark.parametrize(
    ("time_s", "number"),
    [("0", 0), ("0.05", 0), ("0.0985", 0), ("0.0995", 1), ("0.1", 1), ("0.55", 5), ("0.95", 9), ("0.9", 9)],
)
def test_a_video_shows_the_frame_that_has_begun(rising: Path, time_s: str, number: int) -> None:
    assert number_at(MapSupply([read_region(str(rising))]), time_s) == number


def test_before_a_video_its_first_frame_holds_and_after_it_its_last(rising: Path) -> None:
    supply = MapSupply([read_region(str(rising))])
    assert number_at(supply, -3) == 0
    assert number_at(supply, 1) == number_at(supply, 3600) == 9


def test_one_reader_goes_forwards_and_back(rising: Path) -> None:
    reader = MapSupply([read_region(str(rising))]).reader()
    for tenth in (0, 1, 1, 2, 7, 9, 40, 3, 4, 0, 8):
        (found,) = reader.at(Fraction(tenth, 10), (8, 6)).values()
        assert round(float(found.mean()) * 255 / 25) == min(tenth, 9)
    (larger,) = reader.at(Fraction(8, 10), (20, 10)).values()
    assert larger.shape == (10, 20)


def test_a_video_and_its_inverse_add_up_to_white(rising: Path) -> None:
    found = MapSupply([read_region(str(rising)), read_region(f"!{rising}")]).at(GREY, Fraction(3, 10))
    np.testing.assert_allclose(sum(found.values()), 1, atol=1e-6)


def test_a_video_of_variable_times_is_shown_by_them(tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    ticks = [0, 30, 500, 510, 2000]
    frames = [np.full((24, 32, 3), 25 * number, np.uint8) for number in range(5)]
    video = write_clip(tmp_path / "vfr.mkv", frames, ticks=ticks, time_base=Fraction(1, 1000),
                       codec="ffv1", pixel_format="bgr0", options={})  # fmt: skip
    supply = MapSupply([read_region(str(video))])
    asked = {0: 0, 28: 0, 30: 1, 400: 1, 498: 2 - 1, 500: 2, 509: 3, 510: 3, 1900: 3, 2000: 4}
    assert {time: number_at(supply, Fraction(time, 1000)) for time in asked} == asked


def test_black_of_a_lossy_video_is_black(tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    half_white = np.zeros((48, 64, 3), np.uint8)
    half_white[:, :32] = 255
    video = write_clip(tmp_path / "map.mp4", [half_white] * 3, pixel_format="yuv420p", options={"crf": "28"})
    (found,) = MapSupply([read_region(str(video))]).at(np.full((3, 96, 128), 0.5, np.float32)).values()
    assert (found[:, 80:] == 0).all() and (found[:, :48] == 1).all()


def numbers_shown(folder: Path) -> list[int]:
    """Return the numbers of `rising`'s frames that a folder of pictures shows."""
    pictures = [read_picture(path) for path in sorted(folder.glob("*.png"))]
    assert all(np.ptp(picture) < 1e-6 for picture in pictures)
    return [round(float(picture.mean()) * 255 / 25) for picture in pictures]


def with_mask(mask: Path | str, **clip: object) -> Settings:
    return Settings.read({"clip": {"carry": "none", **clip}, "dream": {"mask": str(mask)}}, "the test")


@pytest.mark.parametrize(
    ("clip", "numbers"),
    [
        # 20 frames at 25 per second, each with the map frame that has begun by then.
        ({}, [time * 10 // 25 for time in range(20)]),
        ({"start_s": 0.4}, [time * 10 // 25 for time in range(10, 20)]),
        ({"start_s": 0.21, "end_s": 0.4}, [2, 2, 3, 3]),
        ({"fps": "10", "start_s": 0.24}, [2, 3, 4, 5, 6, 7]),
        ({"fps": "50", "end_s": 0.12}, [0, 0, 0, 0, 0, 1]),
        ({"size_px": [96, 40]}, [time * 10 // 25 for time in range(20)]),
    ],
    ids=["whole", "start", "part", "slower", "faster", "another size"],
)
def test_a_film_meets_the_map_of_the_clips_own_time(
    clip: dict[str, object], numbers: list[int], short_clip: Path, rising: Path, tmp_path: Path
) -> None:
    render_clip(short_clip, tmp_path / "film", with_mask(rising, **clip), SHOWS_MAP, overwrite=False)
    assert numbers_shown(tmp_path / "film") == numbers


def test_a_clip_of_variable_times_meets_the_map_of_each_of_them(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any], rising: Path
) -> None:
    ticks = [0, 9001, 18_000, 18_007, 45_000, 80_011]  # of 1/90000 s: 0, 0.1, 0.2, 0.2, 0.5, 0.889
    clip = write_clip(tmp_path / "vfr.mp4", numbered_frames(6), ticks=ticks, time_base=Fraction(1, 90_000))
    render_clip(clip, tmp_path / "film", with_mask(rising), SHOWS_MAP, overwrite=False)
    assert numbers_shown(tmp_path / "film") == [0, 1, 2, 2, 5, 8]
    settings = with_mask(rising, start_s=0.15)
    render_clip(clip, tmp_path / "part", settings, SHOWS_MAP, overwrite=False)
    assert numbers_shown(tmp_path / "part") == [2, 2, 5, 8]
    moments = source_moments(clip, [0.3, 0.6], settings)
    assert [number_at(MapSupply([read_region(str(rising))]), moment.time_s) for moment in moments] == [2, 5]


def test_a_folder_of_pictures_has_a_clock_too(
    tmp_path: Path, numbered_frames: Callable[..., Any], rising: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    for number, frame in enumerate(numbered_frames(8)):
        Image.fromarray(frame).save(tmp_path / "pictures" / f"{number}.png")
    settings = with_mask(rising, fps="5", start_s=0.4)
    render_clip(tmp_path / "pictures", tmp_path / "film", settings, SHOWS_MAP, overwrite=False)
    assert numbers_shown(tmp_path / "film") == [4, 6, 8, 9, 9, 9]


def test_a_zoom_meets_the_map_of_the_films_time(tmp_path: Path, rising: Path) -> None:
    zoom = {"zoom": {"duration_s": 0.6, "fps": "5"}, "dream": {"mask": str(rising)}}
    settings = Settings.read(zoom, "the test")
    start = np.full((3, 32, 32), 0.5, np.float32)
    render_zoom(start, tmp_path / "zoom", settings, SHOWS_MAP, overwrite=False)
    assert numbers_shown(tmp_path / "zoom") == [0, 2, 4]


def test_computed_maps_look_at_the_frame_and_not_at_what_was_carried_into_it(
    tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [np.full((32, 32, 3), 200, np.uint8)] * 4)
    config = {
        "clip": {"carry": "blend", "carry_share": 0.9, "repeats": False, "run_in_frames": 0},
        "dream": {"mask": "luminance"},
    }
    seen: list[float] = []

    def darkens_where_mapped(asked: Asked) -> Picture:
        seen.append(float(asked.map.mean()))
        return asked.start * (1 - asked.map)

    settings = Settings.read(config, "the test")
    render_clip(clip, tmp_path / "film", settings, StandIn(darkens_where_mapped), overwrite=False)
    assert seen == pytest.approx([200 / 255] * 4, abs=0.01)


def test_an_output_may_not_replace_a_map(tmp_path: Path, short_clip: Path, rising: Path) -> None:
    mask = tmp_path / "mask.mp4"
    mask.write_bytes(rising.read_bytes())
    with pytest.raises(OutputError, match=r"mask\.mp4 is the map itself"):
        prepare_clip(short_clip, mask, with_mask(mask), overwrite=True)
    picture = tmp_path / "mask.png"
    Image.fromarray(np.full((6, 8), 200, np.uint8)).save(picture)
    with pytest.raises(OutputError, match=r"mask\.png is the map itself"):
        settings_maps(with_mask(f"!{picture}"), picture)
    settings_maps(with_mask("luminance"), picture)
