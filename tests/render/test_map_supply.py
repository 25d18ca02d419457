"""Maps along a film: which map a frame gets, from pictures, from videos, and from the frame itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel.errors import InputNotFoundError, MediaError, OutputError, UsageError
from lucidreel.render.films import prepare_clip, render_clip, render_zoom
from lucidreel.render.frames import Map, Picture
from lucidreel.render.map_supply import MapSupply, settings_maps
from lucidreel.render.media.pictures import read_picture
from lucidreel.render.preview import source_moments
from lucidreel.render.progress import Silence
from lucidreel.render.settings import Settings

Pixels = NDArray[np.uint8]
GREY = np.full((3, 6, 8), 0.5, np.float32)


class ShowsMap:
    """Dreams of nothing but the one map it is given: the picture is the map, in grey."""

    def dream(
        self,
        image: Picture,
        init: Picture | None = None,
        iterations_share: float = 1.0,
        maps: Mapping[str, Map] | None = None,
        where: Map | None = None,
    ) -> Picture:
        ((_, whole),) = (maps or {}).items()
        assert whole.shape == image.shape[1:] and whole.dtype == np.float32
        return np.repeat(whole[None], 3, axis=0)


def save(path: Path, levels: NDArray[Any]) -> Path:
    Image.fromarray(levels).save(path)
    return path


def map_of(path: Path, width: int = 8, height: int = 6, inverted: bool = False) -> Map:
    """Return the map in a file for a grey picture of some size."""
    name = f"{'!' if inverted else ''}{path}"
    return MapSupply([name]).at(np.full((3, height, width), 0.5, np.float32))[name]


def half_white(width: int, height: int) -> Pixels:
    levels = np.zeros((height, width), np.uint8)
    levels[:, : width // 2] = 255
    return levels


def test_a_picture_of_the_frames_size_is_its_luminance(tmp_path: Path) -> None:
    levels = np.zeros((6, 8, 3), np.uint8)
    levels[:2], levels[2:4] = (255, 0, 0), (0, 255, 0)
    found = map_of(save(tmp_path / "map.png", levels))
    assert found.shape == (6, 8)
    assert found[0] == pytest.approx(0.2126, abs=0.005) and found[3] == pytest.approx(0.7152, abs=0.005)
    assert (found[4:] == 0).all()


@pytest.mark.parametrize(
    ("level", "value"), [(0, 0.0), (1, 0.0), (254, 1.0), (255, 1.0), (51, 0.2), (128, 0.502)]
)
def test_grey_is_its_share_of_white_and_a_level_from_either_end_is_that_end(
    level: int, value: float, tmp_path: Path
) -> None:
    levels = half_white(8, 6)
    levels[:, 4:] = level
    found = map_of(save(tmp_path / "map.png", levels))[:, 4:]
    assert np.abs(found - value).max() <= (0 if value in (0.0, 1.0) else 0.003)


@pytest.mark.parametrize(("width", "height"), [(37, 20), (400, 300), (8, 300)])
def test_a_map_of_another_shape_is_stretched_and_black_and_white_stay_so(
    width: int, height: int, tmp_path: Path
) -> None:
    found = map_of(save(tmp_path / "map.png", half_white(width, height)), 80, 60)
    blurred = 3 + 80 // width  # an enlarged edge is as wide as two of its pixels
    assert found.shape == (60, 80)
    assert (found[:, : 40 - blurred] == 1).all() and (found[:, 40 + blurred :] == 0).all()
    assert found.mean() == pytest.approx(width // 2 / width, abs=0.02)


def test_inverted_white_is_exactly_black(tmp_path: Path) -> None:
    found = map_of(save(tmp_path / "map.png", half_white(33, 9)), 80, 60, inverted=True)
    assert (found[:, :34] == 0).all() and (found[:, 45:] == 1).all()


def test_deep_and_transparent_pictures_are_maps_too(tmp_path: Path) -> None:
    deep = save(tmp_path / "deep.png", np.full((6, 8), 16384, np.uint16))
    assert map_of(deep) == pytest.approx(0.25, abs=0.002)
    clear = np.full((6, 8, 4), 255, np.uint8)
    clear[:, 4:, 3] = 0
    found = map_of(save(tmp_path / "clear.png", clear))
    assert (found[:, :4] == 1).all() and (found[:, 4:] == 0).all()


def test_files_are_checked_before_anything_is_asked_of_them(tmp_path: Path) -> None:
    black = save(tmp_path / "black.png", np.zeros((4, 4), np.uint8))
    white = save(tmp_path / "white.png", np.full((4, 4), 255, np.uint8))
    (tmp_path / "text.png").write_text("words")
    (tmp_path / "text.mp4").write_text("words")
    (tmp_path / "folder.png").mkdir()
    bad: list[tuple[str, type[Exception], str]] = [
        (str(black), MediaError, "black.png is black all over.*! before its name inverts it"),
        (f"!{white}", MediaError, "!.*white.png is black all over"),
        (str(tmp_path / "none.png"), InputNotFoundError, "none.png does not exist"),
        (str(tmp_path / "none.mp4"), InputNotFoundError, "none.mp4 does not exist"),
        (str(tmp_path / "folder.png"), InputNotFoundError, "folder.png is not a file"),
        (str(tmp_path / f"{'n' * 300}.png"), InputNotFoundError, "File name too long"),
        (str(tmp_path / "text.png"), MediaError, "text.png cannot be read as a picture"),
        (str(tmp_path / "text.mp4"), MediaError, "text.mp4 cannot be read as a video"),
        ("lumnance", UsageError, "luminance"),
    ]
    for name, error, words in bad:
        with pytest.raises(error, match=words):
            MapSupply([name])
    assert MapSupply([f"!{black}", str(white)]).files == [black, white]


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
    assert number_at(MapSupply([str(rising)]), time_s) == number


def test_before_a_video_its_first_frame_holds_and_after_it_its_last(rising: Path) -> None:
    supply = MapSupply([str(rising)])
    assert number_at(supply, -3) == 0
    assert number_at(supply, 1) == number_at(supply, 3600) == 9


def test_one_reader_goes_forwards_and_back(rising: Path) -> None:
    reader = MapSupply([str(rising)]).reader()
    for tenth in (0, 1, 1, 2, 7, 9, 40, 3, 4, 0, 8):
        (found,) = reader.at(Fraction(tenth, 10), (8, 6)).values()
        assert round(float(found.mean()) * 255 / 25) == min(tenth, 9)
    (larger,) = reader.at(Fraction(8, 10), (20, 10)).values()
    assert larger.shape == (10, 20)


def test_a_video_and_its_inverse_add_up_to_white(rising: Path) -> None:
    found = MapSupply([str(rising), f"!{rising}"]).at(GREY, Fraction(3, 10))
    np.testing.assert_allclose(sum(found.values()), 1, atol=1e-6)


def test_a_video_of_variable_times_is_shown_by_them(tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    ticks = [0, 30, 500, 510, 2000]
    frames = [np.full((24, 32, 3), 25 * number, np.uint8) for number in range(5)]
    video = write_clip(tmp_path / "vfr.mkv", frames, ticks=ticks, time_base=Fraction(1, 1000),
                       codec="ffv1", pixel_format="bgr0", options={})  # fmt: skip
    supply = MapSupply([str(video)])
    asked = {0: 0, 28: 0, 30: 1, 400: 1, 498: 2 - 1, 500: 2, 509: 3, 510: 3, 1900: 3, 2000: 4}
    assert {time: number_at(supply, Fraction(time, 1000)) for time in asked} == asked


def test_black_of_a_lossy_video_is_black(tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    frames = [np.repeat(half_white(64, 48)[:, :, None], 3, axis=2)] * 3
    video = write_clip(tmp_path / "map.mp4", frames, pixel_format="yuv420p", options={"crf": "28"})
    found = map_of(video, 128, 96)
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
    render_clip(
        short_clip, tmp_path / "film", with_mask(rising, **clip), ShowsMap(), Silence(), overwrite=False
    )
    assert numbers_shown(tmp_path / "film") == numbers


def test_a_clip_of_variable_times_meets_the_map_of_each_of_them(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any], rising: Path
) -> None:
    ticks = [0, 9001, 18_000, 18_007, 45_000, 80_011]  # of 1/90000 s: 0, 0.1, 0.2, 0.2, 0.5, 0.889
    clip = write_clip(tmp_path / "vfr.mp4", numbered_frames(6), ticks=ticks, time_base=Fraction(1, 90_000))
    render_clip(clip, tmp_path / "film", with_mask(rising), ShowsMap(), Silence(), overwrite=False)
    assert numbers_shown(tmp_path / "film") == [0, 1, 2, 2, 5, 8]
    settings = with_mask(rising, start_s=0.15)
    render_clip(clip, tmp_path / "part", settings, ShowsMap(), Silence(), overwrite=False)
    assert numbers_shown(tmp_path / "part") == [2, 2, 5, 8]
    moments = source_moments(clip, [0.3, 0.6], settings)
    assert [number_at(MapSupply([str(rising)]), moment.time_s) for moment in moments] == [2, 5]


def test_a_folder_of_pictures_has_a_clock_too(
    tmp_path: Path, numbered_frames: Callable[..., Any], rising: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    for number, frame in enumerate(numbered_frames(8)):
        save(tmp_path / "pictures" / f"{number}.png", frame)
    settings = with_mask(rising, fps="5", start_s=0.4)
    render_clip(tmp_path / "pictures", tmp_path / "film", settings, ShowsMap(), Silence(), overwrite=False)
    assert numbers_shown(tmp_path / "film") == [4, 6, 8, 9, 9, 9]


def test_a_zoom_meets_the_map_of_the_films_time(tmp_path: Path, rising: Path) -> None:
    zoom = {"zoom": {"duration_s": 0.6, "fps": "5"}, "dream": {"mask": str(rising)}}
    settings = Settings.read(zoom, "the test")
    start = np.full((3, 32, 32), 0.5, np.float32)
    render_zoom(start, tmp_path / "zoom", settings, ShowsMap(), Silence(), overwrite=False)
    assert numbers_shown(tmp_path / "zoom") == [0, 2, 4]


class DarkensWhereMapped:
    """Dreams of black wherever the map is light."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def dream(
        self,
        image: Picture,
        init: Picture | None = None,
        iterations_share: float = 1.0,
        maps: Mapping[str, Map] | None = None,
        where: Map | None = None,
    ) -> Picture:
        ((_, whole),) = (maps or {}).items()
        self.seen.append(float(whole.mean()))
        return (image if init is None else init) * (1 - whole)


def test_computed_maps_look_at_the_frame_and_not_at_what_was_carried_into_it(
    tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [np.full((32, 32, 3), 200, np.uint8)] * 4)
    config = {
        "clip": {"carry": "blend", "carry_share": 0.9, "repeats": False},
        "dream": {"mask": "luminance"},
    }
    dreamer = DarkensWhereMapped()
    settings = Settings.read(config, "the test")
    render_clip(clip, tmp_path / "film", settings, dreamer, Silence(), overwrite=False)
    assert dreamer.seen == pytest.approx([200 / 255] * 4, abs=0.01)


def test_an_output_may_not_replace_a_map(tmp_path: Path, short_clip: Path, rising: Path) -> None:
    mask = tmp_path / "mask.mp4"
    mask.write_bytes(rising.read_bytes())
    with pytest.raises(OutputError, match=r"mask\.mp4 is a mask or map of this run itself"):
        prepare_clip(short_clip, mask, with_mask(mask), overwrite=True)
    picture = save(tmp_path / "mask.png", half_white(8, 6))
    with pytest.raises(OutputError, match=r"mask\.png is a mask or map of this run itself"):
        settings_maps(with_mask(f"!{picture}"), picture)
    settings_maps(with_mask("luminance"), picture)
