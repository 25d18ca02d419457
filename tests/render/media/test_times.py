"""Parts of clips, other frame rates, variable rates, previews: which frame is shown when."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import UsageError
from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import Frame, FrameDreamer, exact_seconds, frame_rate
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.sources import open_source
from lucidreel.render.media.timing.resample import at_rate
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.settings.settings import ClipConfig


def _frames(path: Path, **clip: object) -> list[Frame]:
    return list(ClipSource(probe(path), ClipConfig.read(clip, "the test")).frames())


def _numbers(frames: list[Frame]) -> list[int]:
    """Read the frame numbers that `numbered_frames` painted."""
    return [round(float(frame.picture[:, -8:, :].mean()) * 255 / 5) for frame in frames]


def test_part_begins_with_the_first_frame_at_or_after_the_start_and_ends_before_the_end(
    short_clip: Path,
) -> None:
    frames = _frames(short_clip, start_s=0.21, end_s=0.4)
    assert _numbers(frames) == [6, 7, 8, 9]
    assert [frame.time_s for frame in frames] == [Fraction(n, 25) for n in range(4)]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]


def test_decimal_times_mean_what_they_say(short_clip: Path) -> None:
    # 0.28 s is frame 7's own time; as a float it may be a hair more or less.
    assert _numbers(_frames(short_clip, start_s=0.28, end_s=0.32)) == [7]
    assert exact_seconds(0.29) == Fraction(29, 100)


@pytest.mark.parametrize("end_s", [0.23333333333333334, 0.20001, 0.20400000000000001])
def test_an_end_of_many_digits_makes_a_film(
    end_s: float, short_clip: Path, rendered: Callable[..., Summary], film_facts: Callable[[Path], Any]
) -> None:
    summary = rendered(short_clip, "film.mkv", end_s=end_s)
    assert summary.frames == len(film_facts(summary.output).times_s) == 6


def test_start_deep_in_a_clip_decodes_the_same_pictures_as_from_the_beginning(shared: Path) -> None:
    clip = shared / "clips" / "chaplin.mp4"
    size = (64, 36)
    whole = _frames(clip, size_px=size)
    part = _frames(clip, size_px=size, start_s=7.3)
    assert len(part) == len(whole) - 183
    for late, early in zip(part, whole[183:], strict=True):
        np.testing.assert_array_equal(late.picture, early.picture)


def test_variable_rate_keeps_every_frame_at_its_own_time(
    tmp_path: Path,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., Any],
    film_facts: Callable[[Path], Any],
    rendered: Callable[..., Any],
) -> None:
    ticks = [0, 1001, 5000, 5007, 9000, 20011]
    clip = write_clip(tmp_path / "vfr.mp4", numbered_frames(6), ticks=ticks, time_base=Fraction(1, 90_000))
    for suffix, resolution in ((".mp4", 90_000), (".mkv", 1000), (".gif", 100)):
        output = tmp_path / f"film{suffix}"
        rendered(clip, output.name)
        times = film_facts(output).times_s
        expected = [Fraction(tick, 90_000) for tick in ticks]
        if suffix == ".gif":  # its clock cannot tell frames apart that are closer than 1/100 s
            assert len(times) == 6
        else:
            assert [round(t * resolution) for t in times] == [round(t * resolution) for t in expected]


def test_constant_rate_shows_the_frame_that_has_begun(short_clip: Path) -> None:
    assert _numbers(_frames(short_clip, fps="10")) == [0, 2, 5, 7, 10, 12, 15, 17]
    assert _numbers(_frames(short_clip, fps="50", end_s=0.12)) == [0, 0, 1, 1, 2, 2]


def test_millisecond_clocks_do_not_stutter() -> None:
    blank = np.zeros((3, 1, 1), dtype=np.float32)
    rounded = [Frame(n, Fraction(round(n * 1000 / 24), 1000), blank) for n in range(240)]
    resampled = list(at_rate(rounded, Fraction(24), Fraction(10), Fraction(1, 1000)))
    assert len(resampled) == 240
    assert [frame.time_s for frame in resampled] == [Fraction(n, 24) for n in range(240)]


def test_resampled_film_is_exactly_as_long_as_the_clip(
    short_clip: Path, rendered: Callable[..., Summary], film_facts: Callable[[Path], Any]
) -> None:
    summary = rendered(short_clip, "film.mp4", fps="24000/1001")
    facts = film_facts(summary.output)
    assert summary.frames == len(facts.times_s) == 20
    assert facts.times_s == tuple(Fraction(1001 * n, 24_000) for n in range(20))


@pytest.mark.parametrize(
    ("words", "rate"),
    [
        ("24", Fraction(24)),
        ("24000/1001", Fraction(24_000, 1001)),
        ("23.976", Fraction(24_000, 1001)),
        ("29.97", Fraction(30_000, 1001)),
        ("12.5", Fraction(25, 2)),
        ("24.0", Fraction(24)),
    ],
)
def test_frame_rates_are_exact(words: str, rate: Fraction) -> None:
    assert frame_rate(words) == rate


def test_frame_rate_of_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="above 0"):
        frame_rate("0")


def test_frame_rate_beyond_32_bits_is_refused() -> None:
    with pytest.raises(UsageError, match="too many digits"):
        frame_rate("99999.123457")


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ({"start_s": 5}, r"the start 5 s is not inside short.mp4, which lasts 0.8 s"),
        ({"start_s": 0.41, "end_s": 0.42}, r"no frame of short.mp4 begins between 0.41 s and 0.42 s"),
    ],
)
def test_times_outside_the_clip_are_refused_with_its_length(
    clip: dict[str, float], words: str, short_clip: Path
) -> None:
    with pytest.raises(UsageError, match=words):
        _frames(short_clip, **clip)


def test_an_end_beyond_the_clip_is_its_own_end_and_told(short_clip: Path) -> None:
    source = open_source(short_clip, ClipConfig(end_s=2))
    assert [frame.time_s for frame in source.frames()] == [frame.time_s for frame in _frames(short_clip)]
    assert source.past_the_end == "short.mp4 ends at 0.8 s, before --end 2s: it goes on to its own end."
    assert open_source(short_clip, ClipConfig(end_s=0.8)).past_the_end is None


def test_a_preview_tells_of_an_end_beyond_the_clip_too(short_clip: Path, plain: Callable[..., Any]) -> None:
    told: list[str] = []
    source_moments(short_clip, [0.4], plain(end_s=2), told.append)
    assert told == ["short.mp4 ends at 0.8 s, before --end 2s: it goes on to its own end."]


def test_rounded_length_is_a_good_end(shared: Path) -> None:
    assert len(_frames(shared / "clips" / "fire2.mp4", size_px=(32, 18), end_s=2.38)) == 25


@pytest.mark.parametrize("name", ["chaplin.mp4", "fire2.mp4", "big_buck_bunny.webm"])
def test_preview_is_the_very_picture_that_the_loop_is_fed(
    name: str, shared: Path, plain: Callable[..., Any], inverted: FrameDreamer
) -> None:
    clip = shared / "clips" / name
    whole = _frames(clip, size_px=(48, 27))
    chosen = [whole[index] for index in (0, 1, len(whole) // 2, -1)]
    times = [float(frame.time_s) + 0.0005 for frame in chosen]
    previews = [inverted.dream(seen.picture) for seen in source_moments(clip, times, plain(size_px=(48, 27)))]
    for preview, frame in zip(previews, chosen, strict=True):
        np.testing.assert_array_equal(preview, np.float32(1) - frame.picture)


def test_preview_shows_only_what_the_film_shows(short_clip: Path, plain: Callable[..., Any]) -> None:
    settings = plain(start_s=0.2, end_s=0.4)
    assert len(source_moments(short_clip, [0.2, 0.399], settings)) == 2
    for outside_s in (0.199, 0.4):
        with pytest.raises(UsageError, match=r"it shows 0\.2 s to 0\.4 s of short\.mp4"):
            source_moments(short_clip, [outside_s], settings)


def test_preview_follows_another_frame_rate(short_clip: Path, plain: Callable[..., Any]) -> None:
    film = _frames(short_clip, fps="10")
    seen = source_moments(short_clip, [0.0, 0.199, 0.2, 0.75], plain(fps="10"))
    for moment, index in zip(seen, (0, 1, 2, 7), strict=True):
        np.testing.assert_array_equal(moment.picture, film[index].picture)
        assert moment.time_s == film[index].time_s


@pytest.mark.parametrize("time_s", [0.8, 9.0, -1.0])
def test_preview_outside_the_clip_is_refused(
    time_s: float, short_clip: Path, plain: Callable[..., Any]
) -> None:
    with pytest.raises(UsageError, match=r"no frame at .* short.mp4 lasts 0.8 s"):
        source_moments(short_clip, [time_s], plain())
