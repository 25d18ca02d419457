"""Animated pictures as input: every frame once, at its own time, and words where one picture is wanted."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucidreel.dream.picture_files.reading import read_levels
from lucidreel.dream.targets.regions import read_region
from lucidreel.errors import MediaError, UsageError
from lucidreel.render.analysis.cuts import listed_cuts
from lucidreel.render.maps import MapSupply
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.pictures.animation import AnimationSource
from lucidreel.render.media.pictures.picture_folder import PictureFolderSource
from lucidreel.render.media.sources import is_picture, open_source
from lucidreel.render.preview.moments import middle_s, source_moments
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.dream.picture_files.colour_profiles import DISPLAY_P3, SRGB_CURVE, rgb_profile

DURATIONS_MS = (100, 250, 40, 1000, 70)
BEGINS_S = [Fraction(ms, 1000) for ms in (0, 100, 350, 390, 1390)]
LENGTH_S = Fraction(1460, 1000)
KINDS = (".webp", ".png", ".apng", ".avif")


def _frames(count: int = len(DURATIONS_MS), size: tuple[int, int] = (48, 32)) -> list[Image.Image]:
    """Frames of one grey each, 40 levels apart, with a mark that moves."""
    frames = []
    for number in range(count):
        image = Image.new("RGB", size, (40 * number,) * 3)
        image.putpixel((number, 1), (255, 255, 255))
        frames.append(image)
    return frames


def _animation(path: Path, durations_ms: Sequence[int] = DURATIONS_MS, **options: Any) -> Path:
    first, *rest = _frames(len(durations_ms))
    if path.suffix == ".webp":
        options = {"lossless": True, **options}
    if path.suffix == ".avif":
        options = {"quality": 100, "subsampling": "4:4:4", **options}
    kind = "PNG" if path.suffix == ".apng" else None
    first.save(path, kind, save_all=True, append_images=rest, duration=list(durations_ms), **options)
    return path


@pytest.fixture(params=KINDS)
def animation(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Five frames, shown for 0.1, 0.25, 0.04, 1 and 0.07 s."""
    return _animation(tmp_path / f"moving{request.param}")


def _source(path: Path, **clip: object) -> AnimationSource:
    source = open_source(path, ClipConfig.read(clip, "the test"))
    assert isinstance(source, AnimationSource)
    return source


def _numbers(source: AnimationSource, first: int = 0) -> list[tuple[int, Fraction, int]]:
    return [
        (frame.index, frame.time_s, round(float(frame.picture[0, 20, 30]) * 255 / 40))
        for frame in source.frames(first)
    ]


def test_every_frame_comes_once_at_its_own_time(animation: Path) -> None:
    source = _source(animation)
    assert _numbers(source) == [(n, time_s, n) for n, time_s in enumerate(BEGINS_S)]
    film = source.film
    assert (film.width_px, film.height_px, film.frame_count) == (48, 32, 5)
    assert film.last_frame_s == Fraction(70, 1000)
    assert not is_picture(animation)


@pytest.mark.parametrize("keys", [{}, {"start_s": 0.1}, {"start_s": 0.05, "end_s": 1.0}, {"fps": "10"}])
def test_frames_are_the_same_from_any_number_on(animation: Path, keys: dict[str, Any]) -> None:
    whole = _numbers(_source(animation, **keys))
    for first in range(len(whole) + 1):
        assert _numbers(_source(animation, **keys), first) == whole[first:]


def test_a_part_begins_at_its_first_frame_and_ends_where_it_was_cut(animation: Path) -> None:
    source = _source(animation, start_s=0.1, end_s=1.0)
    assert _numbers(source) == [(0, 0, 1), (1, Fraction(1, 4), 2), (2, Fraction(29, 100), 3)]
    assert source.film.last_frame_s == Fraction(61, 100) and source.film.zero_s == Fraction(1, 10)
    with pytest.raises(UsageError, match=r"start 1\.46 s is not inside: moving\.\w+ lasts 1\.46 s"):
        _source(animation, start_s=1.46)
    with pytest.raises(UsageError, match="no picture begins between"):
        _source(animation, start_s=0.4, end_s=0.5)


def test_another_rate_shows_what_is_on_the_screen(animation: Path) -> None:
    source = _source(animation, fps="10")
    shown = [0, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]
    assert _numbers(source) == [(n, Fraction(n, 10), number) for n, number in enumerate(shown)]
    assert source.film.frame_count == 15


def test_moments_are_those_of_the_film(animation: Path, plain: Callable[..., Any]) -> None:
    times_s = [0.0, 0.0999, 0.1, 0.38, 1.45]
    moments = source_moments(animation, times_s, plain())
    assert [round(float(each.picture[0, 20, 30]) * 255 / 40) for each in moments] == [0, 0, 1, 2, 4]
    assert [each.time_s for each in moments] == [BEGINS_S[n] for n in (0, 0, 1, 2, 4)]
    assert middle_s(animation, plain()) == pytest.approx(0.35)
    with pytest.raises(UsageError, match=r"no frame at 1\.46 s"):
        source_moments(animation, [1.46], plain())
    with pytest.raises(UsageError, match=r"it shows 0\.1 s to 1 s"):
        source_moments(animation, [1.2], plain(start_s=0.1, end_s=1.0))


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm"])
def test_film_of_an_animation_has_its_times(
    animation: Path, name: str, rendered: Callable[..., Any], film_facts: Callable[[Path], Any]
) -> None:
    film = film_facts(rendered(animation, name).output)
    assert film.times_s == tuple(BEGINS_S)
    assert film.size_px == (48, 32)
    assert abs(film.times_s[-1] + film.last_frame_s - LENGTH_S) < Fraction(1, 500) or name != "film.mp4"


def test_cuts_are_listed_on_its_clock(animation: Path) -> None:
    assert listed_cuts([0.36, 1.39], animation, ClipConfig()) == (2, 4)
    assert listed_cuts([0.39], animation, ClipConfig.read({"fps": "10"}, "the test")) == (4,)


def test_delays_of_a_png_are_exact_fractions(tmp_path: Path) -> None:
    """Thirds of a second have no milliseconds; a denominator of 0 stands for 100, no delay for a tenth."""
    path = _animation(tmp_path / "thirds.png", (100, 200, 300, 400))
    delays = iter([(1, 3), (1001, 24_000), (50, 0), (0, 100)])
    path.write_bytes(_with_delays(path.read_bytes(), delays))
    second = Fraction(1, 3) + Fraction(1001, 24_000)
    expected = (Fraction(0), Fraction(1, 3), second, second + Fraction(1, 2), second + Fraction(6, 10))
    assert _source(path).times_s == expected


def _with_delays(png: bytes, delays: Any) -> bytes:
    out, place = png[:8], 8
    while place < len(png):
        size, kind = struct.unpack_from(">I4s", png, place)
        body = png[place + 8 : place + 8 + size]
        if kind == b"fcTL":
            body = body[:20] + struct.pack(">HH", *next(delays)) + body[24:]
        out += struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        place += size + 12
    return out


def test_a_picture_that_stands_for_the_animation_is_not_part_of_it(tmp_path: Path) -> None:
    cover, *rest = _frames(4)
    path = tmp_path / "covered.png"
    cover.save(path, save_all=True, append_images=rest, duration=[100, 200, 300], default_image=True)
    assert _numbers(_source(path)) == [(0, 0, 1), (1, Fraction(1, 10), 2), (2, Fraction(3, 10), 3)]


def test_times_without_length_last_a_tenth_of_a_second(tmp_path: Path) -> None:
    path = _animation(tmp_path / "fast.webp", (0, 0, 50))
    assert _source(path).times_s == (Fraction(0), Fraction(1, 10), Fraction(1, 5), Fraction(1, 4))


def test_pages_of_a_tiff_are_shown_like_a_folder_of_pictures(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    first, *rest = _frames(4)
    first.save(path, save_all=True, append_images=rest)
    assert _numbers(_source(path)) == [(n, Fraction(n, 24), n) for n in range(4)]
    source = _source(path, fps="5")
    assert _numbers(source) == [(n, Fraction(n, 5), n) for n in range(4)]
    assert source.film.last_frame_s == Fraction(1, 5)


def test_thumbnails_in_a_tiff_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    thumbnail = Image.new("RGB", (6, 4))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    _frames(1)[0].save(path, save_all=True, append_images=[thumbnail])
    assert is_picture(path)
    with pytest.raises(MediaError, match=r"photo\.tif is a single picture"):
        open_source(path, ClipConfig())


def test_pictures_of_different_sizes_in_one_file_need_a_size(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    _frames(1)[0].save(path, save_all=True, append_images=[Image.new("RGB", (20, 30))])
    with pytest.raises(MediaError, match="pictures of different sizes: 48x32 and 20x30"):
        list(_source(path).frames())
    assert len(list(_source(path, size_px=(16, 16)).frames())) == 2


@pytest.mark.parametrize("kind", [".webp", ".png", ".avif"])
def test_profiles_of_animations_are_followed(kind: str, tmp_path: Path) -> None:
    """Display P3's 230, 60, 40 is 250, 31, 14 in sRGB."""
    path = tmp_path / f"wide{kind}"
    images = [Image.new("RGB", (32, 24), colour) for colour in ((230, 60, 40), (128, 128, 128))]
    options: dict[str, Any] = {"quality": 100, "subsampling": "4:4:4"} if kind == ".avif" else {}
    if kind == ".webp":
        options = {"lossless": True}
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE)
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=[100, 200], icc_profile=profile, **options
    )
    seen = [frame.picture[:, 12, 16] * 255 for frame in _source(path).frames()]
    np.testing.assert_allclose(seen, [(250, 31, 14), (128, 128, 128)], atol=3)


def test_one_picture_of_an_animation_is_its_first_and_that_is_told(animation: Path) -> None:
    told: list[str] = []
    levels = read_levels(animation, report=told.append)
    assert levels[20, 30].max() < 0.02
    (words,) = told
    assert words.startswith(f"{animation.name} is animated, with 5 frames: the first one was taken.")


def test_a_note_on_a_picture_of_a_folder_names_it_once(animation: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / animation.name).write_bytes(animation.read_bytes())
    source = PictureFolderSource(folder, ClipConfig())
    assert len(list(source.frames())) == 1
    (note,) = source.notes
    assert note.count(animation.name) == 1 and note.startswith(
        f"{animation.name}: is animated, with 5 frames"
    )


def test_a_map_that_is_animated_plays_along(animation: Path) -> None:
    supply = MapSupply([read_region(str(animation))])
    grey = np.full((3, 32, 48), 0.5, np.float32)
    for time_s, number in [("0", 0), ("0.2", 1), ("0.36", 2), ("0.05", 0), ("9", 4)]:
        ((_, found),) = supply.at(grey, Fraction(time_s)).items()
        assert round(float(found[20, 30]) * 255 / 40) == number


def test_an_animated_avif_under_another_name_is_a_clip_of_all_its_frames(tmp_path: Path) -> None:
    path = _animation(tmp_path / "moving.avif").rename(tmp_path / "moving.mp4")
    info = probe(path)
    assert [frame.time_s for frame in ClipSource(info, ClipConfig()).frames()] == BEGINS_S
    assert len(info.video_indices) == 1


def test_an_animation_that_is_cut_off_is_refused_by_name(animation: Path) -> None:
    data = animation.read_bytes()
    animation.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(MediaError, match=animation.name):
        list(open_source(animation, ClipConfig()).frames())


def test_a_header_that_promises_frames_without_end_is_damage(tmp_path: Path) -> None:
    path = _animation(tmp_path / "endless.png")
    data = path.read_bytes()
    control = b"acTL" + struct.pack(">II", 2**31 - 1, 0)
    place = data.index(b"acTL")
    path.write_bytes(data[:place] + control + struct.pack(">I", zlib.crc32(control)) + data[place + 16 :])
    with pytest.raises(MediaError, match=r"endless\.png is damaged: it has 2147483647 frames"):
        open_source(path, ClipConfig())
    assert read_levels(path).shape == (32, 48, 3)


def test_the_shared_animations_show_all_frames(shared: Path) -> None:
    times_s = {
        "anim.avif": [0, Fraction(1, 10), Fraction(2, 10)],
        "anim.webp": [0, Fraction(1, 10), Fraction(3, 10)],
    }
    for name, wanted in times_s.items():
        path = shared / "faults" / name
        if not path.exists():
            pytest.skip(f"{path} is absent")
        frames = list(open_source(path, ClipConfig()).frames())
        assert [frame.time_s for frame in frames] == wanted
        assert [int(frame.picture[:, 45, 80].argmax()) for frame in frames] == [0, 1, 2]
