"""Clips made on the spot, dreamers that compute something checkable, and what PyAV says of a film."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.events.events import Summary
from lucidreel.render.settings.settings import Settings
from lucidreel.tests.render.rendering import render_clip

from .kept_renders import COUNT
from .stand_in import StandIn

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """What packets and headers of a file say."""

    times_s: tuple[Fraction, ...]
    last_frame_s: Fraction
    duration_s: Fraction
    codec: str
    pixel_format: str
    size_px: tuple[int, int]
    pixel_aspect: Fraction
    colour: tuple[int, int, int, int]
    """Range, matrix, primaries, transfer, as numbered by H.273."""
    sounds: tuple[tuple[str, tuple[Fraction, ...], tuple[bytes, ...]], ...]
    """Codec, packet times and packets of every sound stream."""
    subtitles: int


def film_facts(path: Path) -> Film:
    """Read a film's facts with PyAV alone."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        packets: dict[int, list[av.Packet[Any]]] = {stream.index: [] for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                packets[packet.stream_index].append(packet)
        shown = sorted(packets[video.index], key=lambda packet: packet.pts or 0)
        context = video.codec_context
        return Film(
            times_s=tuple((packet.pts or 0) * packet.time_base for packet in shown),
            last_frame_s=(shown[-1].duration or 0) * shown[-1].time_base,
            duration_s=Fraction(container.duration or 0, av.time_base),
            codec=context.codec.canonical_name,
            pixel_format=str(context.pix_fmt),
            size_px=(context.width, context.height),
            pixel_aspect=Fraction(video.sample_aspect_ratio or 1),
            colour=(
                int(context.color_range),
                int(context.colorspace),
                int(context.color_primaries),
                int(context.color_trc),
            ),
            sounds=tuple(
                (
                    stream.codec_context.codec.canonical_name,
                    tuple((packet.pts or 0) * packet.time_base for packet in packets[stream.index]),
                    tuple(bytes(packet) for packet in packets[stream.index]),
                )
                for stream in container.streams.audio
            ),
            subtitles=len(container.streams.subtitles),
        )


def write_clip(
    path: Path,
    frames: Sequence[Pixels],
    ticks: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 25),
    sound: NDArray[np.float32] | None = None,
    sound_codec: str = "aac",
    sound_start_s: Fraction = Fraction(0),
    rotation_deg: int = 0,
    pixel_aspect: Fraction | None = None,
    codec: str = "libx264",
    pixel_format: str = "yuv444p",
    options: dict[str, str] | None = None,
) -> Path:
    """Encode RGB frames (and mono sound at 48 kHz) to a clip, losslessly for H.264."""
    height, width = frames[0].shape[:2]
    with av.open(str(path), mode="w") as container:
        video = cast(
            "VideoStream",
            container.add_stream(codec, rate=1 / time_base, options=options or {"qp": "0", "bf": "2"}),
        )
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        video.codec_context.time_base = time_base
        if pixel_aspect is not None:
            video.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation_deg:
            video.set_display_rotation(rotation_deg)
        audio = None
        if sound is not None:
            audio = cast("AudioStream", container.add_stream(sound_codec, rate=48_000, layout="mono"))
        for position, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = ticks[position] if ticks else position, time_base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None and sound is not None:
            start = round(sound_start_s * 48_000)
            for first in range(0, len(sound), 1024):
                piece = av.AudioFrame.from_ndarray(
                    sound[None, first : first + 1024], format="fltp", layout="mono"
                )
                piece.sample_rate, piece.pts, piece.time_base = 48_000, start + first, Fraction(1, 48_000)
                container.mux(audio.encode(piece))
            container.mux(audio.encode(None))
    return path


def numbered_frames(count: int, width: int = 64, height: int = 48) -> list[Pixels]:
    """Return frames whose number can be read back: a grey level of 5 per frame, and a moving bright bar."""
    frames = []
    for index in range(count):
        frame = np.full((height, width, 3), index * 5 % 250, dtype=np.uint8)
        frame[: height // 4, (index * 4) % width :][:, :4] = 255
        frames.append(frame)
    return frames


@pytest.fixture(scope="session", name="film_facts")
def film_facts_fixture() -> Callable[[Path], Film]:
    """Read a film's facts."""
    return film_facts


@pytest.fixture(scope="session", name="write_clip")
def write_clip_fixture() -> Callable[..., Path]:
    """Make a clip."""
    return write_clip


@pytest.fixture(scope="session", name="numbered_frames")
def numbered_frames_fixture() -> Callable[..., list[Pixels]]:
    """Make frames that can be told apart."""
    return numbered_frames


@pytest.fixture(scope="session")
def unchanged() -> StandIn:
    """A dreamer that changes nothing."""
    return StandIn()


@pytest.fixture(scope="session")
def inverted() -> StandIn:
    """A dreamer of negatives."""
    return StandIn(lambda asked: np.float32(1) - asked.start)


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 20 numbered frames at 25 per second, with a second of sound."""
    sound = np.sin(np.arange(38_400) * 0.05).astype(np.float32) * np.float32(0.3)
    return write_clip(tmp_path_factory.mktemp("clips") / "short.mp4", numbered_frames(20), sound=sound)


@pytest.fixture(scope="session")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Moving clouds, COUNT frames, with a cut in the middle and a few repeated frames."""
    random_levels = np.random.default_rng(4).random((12, 16, 3))
    still = (np.kron(random_levels, np.ones((6, 6, 1))) * 255).astype(np.uint8)
    frames = [np.roll(still, 2 * (index - index % 7 // 5), axis=1) for index in range(COUNT)]
    frames[COUNT // 2 :] = [255 - frame for frame in frames[COUNT // 2 :]]
    sound = np.sin(np.arange(48_000 * 455) * 0.05).astype(np.float32) * np.float32(0.3)
    return write_clip(tmp_path_factory.mktemp("clouds") / "clip.mp4", frames, sound=sound)


@pytest.fixture
def plain() -> Callable[..., Settings]:
    """Build settings without carry from `clip` and `output` keys."""

    def build(output: dict[str, object] | None = None, **clip: object) -> Settings:
        return Settings.read({"clip": {"carry": "none", **clip}, "output": output or {}}, "the test")

    return build


@pytest.fixture
def rendered(tmp_path: Path, plain: Callable[..., Settings], unchanged: StandIn) -> Callable[..., Summary]:
    """Render a clip unchanged to a film of some name in the test's folder, with the keys of `plain`."""

    def render(clip: Path, name: str, **keys: Any) -> Summary:
        return render_clip(clip, tmp_path / name, plain(**keys), unchanged, overwrite=False)

    return render


@pytest.fixture
def disk_of(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many KiB, and returns its folder; skips where that is not allowed."""
    disk = tmp_path / "disk"

    def mounted(size_kib: int) -> Path:
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", str(disk)]
        try:
            subprocess.run(mount, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("a disk may not be mounted here")
        return disk

    yield mounted
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)
