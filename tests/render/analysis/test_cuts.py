"""Cuts: found where they are, at every rate; flashes, motion and light are none; lists name frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from imageio.v3 import imwrite
from numpy.typing import NDArray

from lucidreel.dream.quantize import rgb24
from lucidreel.errors import InputNotFoundError, UsageError
from lucidreel.render.analysis.clip_analysis import analysis_of
from lucidreel.render.analysis.cuts import cuts_between, find_cuts, listed_cuts
from lucidreel.render.carry.blend import BlendCarry
from lucidreel.render.carry.carry import NoCarry
from lucidreel.render.events.events import CutSearch, Event
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.settings.settings import ClipConfig

Pixels = NDArray[np.uint8]
Writer = Callable[..., Path]
SIZE = (128, 72)


def config(**keys: object) -> ClipConfig:
    return ClipConfig.read(keys, "the test")


def pixels_of(clip: Path, **keys: object) -> list[Pixels]:
    return [rgb24(frame.picture) for frame in open_source(clip, config(size_px=SIZE, **keys)).frames()]


@pytest.fixture(scope="module")
def shots(shared: Path) -> dict[str, list[Pixels]]:
    """Pictures of the shared clips, each one shot."""
    clips = shared / "clips"
    return {
        "volcano": pixels_of(clips / "volcano.mp4", end_s=1.5),
        "chaplin": pixels_of(clips / "chaplin.mp4", end_s=1.5),
        "bunny": pixels_of(clips / "big_buck_bunny.webm"),
        "phone": pixels_of(clips / "fire2.mp4"),
        "nasa": pixels_of(clips / "nasa_13013.mp4", end_s=1.0),
    }


def joined(parts: Sequence[list[Pixels]]) -> tuple[list[Pixels], tuple[int, ...]]:
    """The pictures one after the other, and where each part but the first begins."""
    starts = np.cumsum([len(part) for part in parts])[:-1]
    return [picture for part in parts for picture in part], tuple(int(start) for start in starts)


def flashed(pictures: list[Pixels], at: int, count: int, strength: float = 0.85) -> list[Pixels]:
    """The pictures with `count` of them brightened from `at` on."""
    bright = list(pictures)
    for index in range(at, min(at + count, len(bright))):
        bright[index] = np.rint(255 - (1 - strength) * (255.0 - bright[index])).astype(np.uint8)
    return bright


def five_shots(shots: dict[str, list[Pixels]]) -> tuple[list[Pixels], tuple[int, ...]]:
    lengths = {"volcano": 15, "phone": 20, "chaplin": 9, "bunny": 24, "nasa": 12}
    return joined([shots[name][:length] for name, length in lengths.items()])


def test_cuts_between_real_clips_are_found_to_the_frame(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures, cuts = five_shots(shots)
    clip = write_clip(tmp_path / "cut.mp4", pictures, options={"crf": "23"}, pixel_format="yuv420p")
    assert find_cuts(clip, config()) == cuts


@pytest.mark.parametrize("look", ["dark", "grey", "barred"])
def test_cuts_are_found_in_dark_grey_and_letterboxed_films(
    look: str, tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures, cuts = five_shots(shots)
    changed = [picture.copy() for picture in pictures]
    for picture in changed:
        if look == "dark":
            picture[:] = picture // 4
        elif look == "grey":
            picture[:] = picture.mean(axis=2, keepdims=True)
        else:
            picture[:9] = picture[-9:] = 0
    assert find_cuts(write_clip(tmp_path / "cut.mp4", changed), config()) == cuts


def test_a_shot_of_one_frame_at_either_end_is_seen(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures, cuts = joined([shots["bunny"][:1], shots["volcano"][:12], shots["chaplin"][:1]])
    assert find_cuts(write_clip(tmp_path / "cut.mp4", pictures), config()) == cuts == (1, 13)


def test_variable_rate_and_other_rates_put_cuts_on_the_films_frames(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    """The first frame of each shot in the film is the first that shows it, whatever the film's clock."""
    parts = [shots["volcano"][:13], shots["phone"][:10], shots["bunny"][:11]]
    pictures, cuts = joined(parts)
    steps = np.random.default_rng(3).integers(20, 180, len(pictures) - 1)
    ticks = [0, *(int(tick) for tick in np.cumsum(steps))]
    clip = write_clip(tmp_path / "vfr.mp4", pictures, ticks=ticks, time_base=Fraction(1, 1000))
    assert find_cuts(clip, config()) == cuts
    assert find_cuts(clip, config(start_s=ticks[7] / 1000)) == tuple(cut - 7 for cut in cuts)
    assert find_cuts(clip, config(end_s=ticks[20] / 1000)) == cuts[:1]
    for fps in ("5", "24000/1001", "60"):
        for start_s in (0.0, ticks[7] / 1000):
            wanted = config(fps=fps, start_s=start_s, size_px=SIZE)
            shown = [_which_part(frame.picture, parts) for frame in open_source(clip, wanted).frames()]
            expected = tuple(index for index in range(1, len(shown)) if shown[index] != shown[index - 1])
            assert find_cuts(clip, wanted) == expected
            assert len(expected) == 2


def _which_part(picture: Picture, parts: Sequence[list[Pixels]]) -> int:
    levels = rgb24(picture).astype(np.int16)
    away = [min(float(np.abs(levels - one).mean()) for one in part) for part in parts]
    return away.index(min(away))


@pytest.mark.parametrize("name", ["volcano", "chaplin", "bunny", "nasa"])
def test_flashes_of_one_two_and_three_frames_are_no_cuts(
    name: str, tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures = shots[name][:24]
    for place, count in ((3, 1), (9, 2), (16, 3)):
        pictures = flashed(pictures, place, count, strength=(0.85, 0.5, 1.0)[count - 1])
    assert find_cuts(write_clip(tmp_path / "flash.mp4", pictures), config()) == ()


@pytest.mark.parametrize("period", [1, 2, 3])
def test_a_strobe_has_no_cuts(
    period: int, tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures = shots["volcano"][:30]
    for place in range(5, 25, 2 * period):
        pictures = flashed(pictures, place, period)
    assert find_cuts(write_clip(tmp_path / "strobe.mp4", pictures), config()) == ()


def test_a_cut_through_a_flash_is_a_cut(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    white = [np.full_like(shots["volcano"][0], 255)] * 2
    pictures, cuts = joined([shots["volcano"][:15], white, shots["bunny"][:15]])
    assert find_cuts(write_clip(tmp_path / "flash.mp4", pictures), config()) == cuts


def test_light_that_is_switched_on_and_stays_is_no_cut(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures = [picture // 3 for picture in shots["chaplin"][:15]] + shots["chaplin"][15:30]
    assert find_cuts(write_clip(tmp_path / "light.mp4", pictures), config()) == ()


def test_real_clips_have_the_cuts_that_are_seen_in_them(shared: Path) -> None:
    clips = shared / "clips"
    found = {path.name: find_cuts(path, config()) for path in sorted(clips.glob("*.*"))}
    assert found.pop("nasa_13013.mp4") == (202,)  # a dissolve around 135 is none
    assert found == dict.fromkeys(("big_buck_bunny.webm", "chaplin.mp4", "fire2.mp4", "volcano.mp4"), ())


def test_a_folder_of_pictures_has_cuts_too(tmp_path: Path, shots: dict[str, list[Pixels]]) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pictures, cuts = joined([shots["volcano"][:9], shots["bunny"][:9]])
    for number, picture in enumerate(pictures):
        imwrite(folder / f"{number}.png", picture)
    assert find_cuts(folder, config()) == cuts == (9,)
    assert find_cuts(folder, config(fps="10", start_s=0.4)) == (5,)
    assert listed_cuts([0.9], folder, config(fps="10", start_s=0.4)) == (5,)
    with pytest.raises(UsageError, match=r"no cut at 1.8 s: pictures lasts 1.8 s"):
        listed_cuts([1.8], folder, config(fps="10", end_s=1))


def test_a_picture_narrower_than_the_smallest_size_is_searched(tmp_path: Path, write_clip: Writer) -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 255, (16, 400, 3), dtype=np.uint8) for _ in range(2))
    assert find_cuts(write_clip(tmp_path / "flat.mp4", [first] * 6 + [second] * 6), config()) == (6,)


def test_listed_times_mean_the_nearest_frame_of_the_clip(short_clip: Path) -> None:
    """20 frames at 25 per second: a player shows frame 5 from 0.2 s on."""
    assert listed_cuts([0.2], short_clip, config()) == (5,)
    assert listed_cuts([0.19, 0.215, 0.6], short_clip, config()) == (5, 15)
    assert listed_cuts([0.2, 0.6], short_clip, config(start_s=0.12)) == (2, 12)
    assert listed_cuts([0.2, 0.6], short_clip, config(start_s=0.4)) == (5,)
    assert listed_cuts([0.2, 0.6], short_clip, config(end_s=0.4)) == (5,)
    assert listed_cuts([0.2, 0.6], short_clip, config(fps="50")) == (10, 30)
    assert listed_cuts([0.2, 0.6], short_clip, config(fps="10")) == (2, 6)
    assert listed_cuts([0.0], short_clip, config()) == ()


def test_listed_times_outside_the_clip_are_refused_with_its_length(short_clip: Path) -> None:
    with pytest.raises(UsageError, match=r"no cut at 0.8 s: short.mp4 lasts 0.8 s"):
        listed_cuts([0.2, 0.8], short_clip, config())


def test_the_setting_decides_how_cuts_come_about(
    tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures, cuts = joined([shots["volcano"][:10], shots["bunny"][:10]])
    clip = write_clip(tmp_path / "cut.mp4", pictures)
    carry = BlendCarry(0.5)
    assert analysis_of(clip, carry, config(), "cpu").analyzer().cuts == set(cuts)
    assert analysis_of(clip, carry, config(cuts="none"), "cpu").analyzer().cuts == set()
    assert analysis_of(clip, carry, config(cuts=[0.6, 0.2]), "cpu").analyzer().cuts == {5, 15}
    assert analysis_of(clip, NoCarry(), config(), "cpu").analyzer().cuts == set()


@pytest.mark.parametrize("fps", [None, "50", "10"])
def test_cuts_in_a_part_are_those_of_the_whole(
    fps: str | None, tmp_path: Path, write_clip: Writer, shots: dict[str, list[Pixels]]
) -> None:
    pictures, _ = joined([shots["volcano"][:20], shots["bunny"][:10], shots["phone"][:20]])
    clip, asked = write_clip(tmp_path / "cuts.mp4", pictures), config(fps=fps)
    whole = find_cuts(clip, asked)
    assert len(whole) == 2
    for first in (*whole, whole[0] - 4, whole[1] + 1, 0):
        for last in (first, first + 3, first + 14):
            found = cuts_between(clip, asked, first, last)
            assert found == tuple(cut for cut in whole if first <= cut <= last)


def test_every_frame_that_is_searched_is_told(short_clip: Path) -> None:
    told: list[Event] = []
    find_cuts(short_clip, config(start_s=0.2), told.append)
    assert told == [CutSearch(short_clip, done, 15) for done in range(16)]


def test_a_source_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="does not exist"):
        find_cuts(tmp_path / "none.mp4", config())
