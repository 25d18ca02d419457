"""Clips with a hole in their data: rendered as far as they decode, told about, and gone on with unshifted."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.errors import MediaError, ResumeMismatchError
from lucidreel.render.carry.carry import NoCarry
from lucidreel.render.events.events import Summary
from lucidreel.render.loop import Resumption, render_frames
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.pictures.picture_folder import PictureFolderWriter
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.render.kept_renders import folding, pixels, render

_TS_PACKET = 188


def test_frames_decoded_from_damaged_data_are_told(
    tmp_path: Path, write_clip: Callable[..., Path], rendered: Callable[..., Summary]
) -> None:
    rng = np.random.default_rng(3)
    noise: list[NDArray[np.uint8]] = [rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(20)]
    whole = write_clip(tmp_path / "whole.ts", noise, codec="mpeg2video", pixel_format="yuv420p", options={})
    data = whole.read_bytes()
    middle = len(data) // _TS_PACKET // 2 * _TS_PACKET
    torn = tmp_path / "torn.ts"
    torn.write_bytes(data[:middle] + data[middle + 2 * _TS_PACKET :])
    assert not any("damaged" in note for note in rendered(whole, "whole.mkv").notes)
    summary = rendered(torn, "torn.mkv")
    assert summary.frames == 20
    assert any("1 damaged frame of the clip was taken as it is" in note for note in summary.notes)


COUNT, LOST = 70, (10, 11, 60)


@pytest.fixture
def make_holed(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any]
) -> Callable[..., Path]:
    """Make a clip of 70 packets of which some hold nothing that decodes, and are no frames."""
    options = {"codec": "mjpeg", "pixel_format": "yuvj420p", "options": {"qmin": "2", "qmax": "2"}}
    whole = write_clip(tmp_path / "whole.mkv", numbered_frames(COUNT), **options)

    def make(lost: tuple[int, ...] = LOST) -> Path:
        holed = tmp_path / "holed.mkv"
        with av.open(str(whole)) as source, av.open(str(holed), mode="w") as copy:
            video = copy.add_stream_from_template(source.streams.video[0])
            for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.size):
                kept = av.Packet(b"\x00" * 50) if number in lost else packet
                kept.pts, kept.dts, kept.time_base = packet.pts, packet.dts, packet.time_base
                kept.is_keyframe, kept.stream = True, video
                copy.mux(kept)
        return holed

    return make


@pytest.fixture
def holed(make_holed: Callable[..., Path]) -> Path:
    """Three of its packets hold nothing."""
    return make_holed()


@pytest.mark.parametrize("carry", ["none", "flow"])
@pytest.mark.parametrize("stopped_at", [5, 30])
def test_render_of_a_clip_with_lost_packets_goes_on_with_the_same_frames(
    stopped_at: int, carry: str, holed: Path, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"carry": carry, "repeats": False, "cuts": "none"}
    whole = render(holed, tmp_path / "whole-film.mkv", folding(), **keys)
    assert whole.frames == COUNT - len(LOST)
    assert whole.notes == ("3 damaged packets of the clip could not be decoded",)
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError, match="the engine broke"):
        render(holed, output, folding(fail_at=stopped_at), **keys)
    assert render(holed, output, folding(), **keys).frames == COUNT - len(LOST)
    expected, found = ((pixels(path), _times(path)) for path in (tmp_path / "whole-film.mkv", output))
    assert expected[1] == found[1]
    for theirs, ours in zip(expected[0], found[0], strict=True):
        np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ((60,), "1 damaged packet of the clip could not be decoded (counted from "),
        ((10,), "1 damaged packet of the clip could not be decoded"),
    ],
)
def test_damage_is_counted_from_where_a_run_began_to_read_and_that_is_told(
    lost: tuple[int, ...], told: str, tmp_path: Path, make_holed: Callable[..., Path]
) -> None:
    """With damage before the place to go on at, all is counted from the start again."""
    clip, output = make_holed(lost), tmp_path / "film.mkv"
    keys: dict[str, Any] = {"carry": "none", "repeats": False}
    with pytest.raises(MediaError, match="the engine broke"):
        render(clip, output, folding(fail_at=50), **keys)
    (note,) = render(clip, output, folding(), **keys).notes
    assert note.startswith(told) and ("(" in note) == ("(" in told)


def test_frames_that_are_at_other_times_than_they_were_kept_with_are_refused(
    holed: Path, tmp_path: Path
) -> None:
    source = ClipSource(probe(holed), ClipConfig())
    resumption = Resumption(
        31, 31, None, None, lambda index: Fraction(index + 1, 25)
    )  # as if one packet were lost
    with pytest.raises(
        ResumeMismatchError, match=r"frame 31 was at 1\.24 s when .* at 1\.28 s now.*--restart"
    ):
        render_frames(
            source,
            NoCarry(),
            folding(),
            lambda: PictureFolderWriter(tmp_path / "out"),
            resumption=resumption,
        )
    assert not (tmp_path / "out").exists()


def _times(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [packet.pts or 0 for packet in container.demux(video=0) if packet.size]
