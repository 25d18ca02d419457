"""A phone's clip of variable rate: each frame once at its own time, or resampled, the sound in step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.events.events import Summary
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.render.media.sound_meter import later_s

from .broadcast import ffmpeg

SIZE_PX = (160, 90)


def _seen(path: Path) -> tuple[list[Fraction], list[NDArray[np.float64]]]:
    """Return when each frame is shown, and a coarse, upright, grey version of it."""
    times, greys = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.video[0]):
            grey = frame.reformat(width=32, height=18, format="gray").to_ndarray().astype(np.float64)
            times.append((frame.pts or 0) * Fraction(frame.time_base or 1))
            greys.append(np.rot90(grey, frame.rotation // 90))
    return times, greys


def _matches(film: list[NDArray[np.float64]], clip: list[NDArray[np.float64]]) -> list[int]:
    """Return for every frame of the film the number of the clip's frame that it looks like most."""
    return [int(np.argmin([np.abs(grey - other).mean() for other in clip])) for grey in film]


@pytest.fixture
def fire(shared: Path) -> Path:
    """25 frames that come 87 to 100 ms after each other, with sound."""
    return shared / "clips" / "fire2.mp4"


@pytest.mark.parametrize("output", [{}, {"codec": "h265"}, {"codec": "av1", "bit_depth": 10}])
def test_every_frame_is_shown_once_at_its_own_time(
    output: dict[str, object], fire: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    film = rendered(fire, "film.mp4", size_px=SIZE_PX, output=output).output
    (times, greys), (own_times, own_greys) = _seen(film), _seen(fire)
    assert len({after - before for before, after in pairwise(times)}) > 1
    assert times == own_times
    assert _matches(greys, own_greys) == list(range(25))
    assert film_facts(film).sounds == film_facts(fire).sounds
    assert later_s(film, fire) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("name", ["film.mkv", "film.webm", "film.mov"])
def test_every_container_keeps_the_times_to_its_own_clock(
    name: str, fire: Path, rendered: Callable[..., Summary]
) -> None:
    """Matroska counts milliseconds."""
    (times, greys), (own_times, own_greys) = _seen(rendered(fire, name, size_px=SIZE_PX).output), _seen(fire)
    assert [float(time) for time in times] == pytest.approx([float(time) for time in own_times], abs=0.0006)
    assert _matches(greys, own_greys) == list(range(25))


@pytest.mark.parametrize("fps", ["24", "30000/1001", "6"])
def test_resampled_film_shows_at_each_tick_what_the_clip_shows_then(
    fps: str, fire: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    summary = rendered(fire, "film.mkv", size_px=SIZE_PX, fps=fps, output={"codec": "ffv1"})
    (times, greys), (own_times, own_greys) = _seen(summary.output), _seen(fire)
    ticks = [n / Fraction(fps) for n in range(len(times))]
    assert [float(time) for time in times] == pytest.approx([float(tick) for tick in ticks], abs=0.0006)
    expected = [bisect_right(own_times, tick + Fraction(1, 90_000)) - 1 for tick in ticks]
    assert _matches(greys, own_greys) == expected
    end_s = Fraction(214_179, 90_000)
    assert ticks[-1] < end_s <= ticks[-1] + 1 / Fraction(fps)
    for (_, sound_times, packets), (_, own_sound_times, own_packets) in zip(
        film_facts(summary.output).sounds, film_facts(fire).sounds, strict=True
    ):
        assert packets == own_packets
        assert [float(t) for t in sound_times] == pytest.approx(
            [float(t) for t in own_sound_times], abs=0.0006
        )


def test_part_of_it_keeps_the_frames_distances_and_the_sound(
    fire: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    film = rendered(fire, "film.mp4", size_px=SIZE_PX, start_s=0.8, end_s=1.6).output
    (times, greys), (own_times, own_greys) = _seen(film), _seen(fire)
    first = next(n for n, time in enumerate(own_times) if time >= Fraction(4, 5))
    wanted = [time for time in own_times[first:] if time < Fraction(8, 5)]
    assert times == [time - wanted[0] for time in wanted]
    assert _matches(greys, own_greys) == list(range(first, first + len(wanted)))
    ((_, sound_times, packets),) = film_facts(film).sounds
    ((_, own_sound_times, own_packets),) = film_facts(fire).sounds
    place = own_packets.index(packets[0])
    assert packets == own_packets[place : place + len(packets)]
    shift_s = own_sound_times[place] - sound_times[0]
    assert float(shift_s) == pytest.approx(float(wanted[0]), abs=0.0001)
    assert later_s(film, fire) == pytest.approx(-float(wanted[0]), abs=0.001)


def test_frames_that_theora_leaves_out_stay_on_the_screen(tmp_path: Path) -> None:
    """An empty packet says that the picture before is shown on: of 15 frames, every third is a new one."""
    clip = tmp_path / "repeats.ogv"
    ffmpeg(*("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=0.6"), *("-vf", "fps=25/3,fps=25"), clip)
    info = probe(clip)
    frames = list(ClipSource(info, ClipConfig()).frames())
    assert len(frames) == len(info.packet_times_s) < 15
    assert [frame.time_s for frame in frames] == list(info.packet_times_s)
    assert info.end_s == Fraction(15, 25)
