"""Every clip of the material, rendered by a dreamer that changes nothing or inverts colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import FrameDreamer
from lucidreel.tests.render.media.sound_meter import heard, later_s
from lucidreel.tests.render.rendering import render_clip

CLIPS = {
    "volcano.mp4": (160, 90),
    "chaplin.mp4": (160, 90),
    "fire2.mp4": (160, 90),
    "big_buck_bunny.webm": (160, 90),
    "nasa_13013.mp4": (160, 90),
}

NOTES = {"nasa_13013.mp4": ("video stream 1 of 2 was taken (320x180), which players show by default",)}


def _small_frames(path: Path) -> list[NDArray[np.float64]]:
    """Decode all frames to coarse grey maps, upright."""
    with av.open(str(path)) as container:
        frames = []
        for frame in container.decode(container.streams.video[0]):
            grey = frame.reformat(width=32, height=18, format="gray").to_ndarray().astype(np.float64)
            frames.append(np.rot90(grey, frame.rotation // 90))
        return frames


@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_comes_back_once_in_order_at_its_time_with_its_sound(
    name: str, shared: Path, tmp_path: Path, film_facts: Callable[[Path], Any], rendered: Callable[..., Any]
) -> None:
    source, output = shared / "clips" / name, tmp_path / f"film{Path(name).suffix}"
    summary = rendered(source, output.name, size_px=CLIPS[name])
    before, after = film_facts(source), film_facts(output)

    assert after.times_s == before.times_s
    # mp4 stores lengths in decoding order: at a variable rate the last one may be a neighbour's
    assert float(after.last_frame_s) == pytest.approx(float(before.last_frame_s), abs=0.001)
    assert summary.frames == len(before.times_s)
    assert summary.notes == NOTES.get(name, ())
    assert after.size_px == CLIPS[name]
    assert after.colour == (1, 1, 1, 1)
    assert [sound[0] for sound in after.sounds] == [sound[0] for sound in before.sounds]
    for copied, original in zip(after.sounds, before.sounds, strict=True):
        assert copied[2] == original[2]
        assert copied[1] == original[1]
    for stream in range(len(before.sounds)):
        assert later_s(output, source, stream, stream) == pytest.approx(0, abs=0.001)
        assert heard(output, stream).decoded_s == pytest.approx(heard(source, stream).decoded_s, abs=0.03)
    assert after.subtitles == before.subtitles
    assert [path.name for path in tmp_path.iterdir()] == [output.name]
    for result, original in zip(_small_frames(output), _small_frames(source), strict=True):
        assert np.abs(result - original).mean() < 9


def test_every_frame_is_dreamt(
    shared: Path, tmp_path: Path, plain: Callable[..., Any], inverted: FrameDreamer
) -> None:
    source, output = shared / "clips" / "chaplin.mp4", tmp_path / "negative.mp4"
    render_clip(source, output, plain(size_px=(160, 90)), inverted, overwrite=False)
    for result, original in zip(_small_frames(output), _small_frames(source), strict=True):
        assert np.abs(result - (255 - original)).mean() < 9


def test_vorbis_becomes_aac_in_mp4(shared: Path, rendered: Callable[..., Summary]) -> None:
    summary = rendered(shared / "clips" / "big_buck_bunny.webm", "film.mp4", size_px=(64, 36))
    source = shared / "clips" / "big_buck_bunny.webm"
    sound, own = heard(summary.output), heard(source)
    assert sound.codec == "aac"
    assert later_s(summary.output, source) == pytest.approx(0, abs=0.001)
    assert own.decoded_s <= sound.decoded_s < own.decoded_s + 0.03
    assert summary.notes == (".mp4 cannot hold vorbis sound: encoded as aac, not copied",)
