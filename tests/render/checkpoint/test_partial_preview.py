"""Films of what is finished so far: they grow beside the render, never hold it up, and go in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from lucidreel.errors import MediaError, UsageError
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.partial_preview import PartialPreview
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.checkpoint.session import CheckpointSession
from lucidreel.render.events.events import FrameDone, OnEvent, unheard
from lucidreel.render.film.film import PreparedFilm, prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.frames.frames import FilmSink, Frame
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.render.settings.settings import Settings

from ..stand_in import StandIn

COUNT = 40
SETTINGS = Settings.read({"clip": {"carry": "none"}}, "the test")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> Path:
    sound = np.sin(np.arange(48_000 * COUNT // 25) * 0.05).astype(np.float32) * np.float32(0.3)
    frames = [np.full((48, 64, 3), 5 * index, np.uint8) for index in range(COUNT)]
    return write_clip(tmp_path_factory.mktemp("so-far") / "clip.mp4", frames, sound=sound)


@pytest.fixture
def film(clip: Path, tmp_path: Path) -> PreparedFilm:
    return prepare_clip(clip, tmp_path / "film.mp4", SETTINGS, overwrite=False)


def render(
    film: PreparedFilm, dreamer: StandIn, every: int = 5, on_event: OnEvent = unheard, keep: bool = False
) -> CheckpointSession:
    with open_checkpoint(
        film, checkpoint_plan(film, SETTINGS, {}), KeepRule(keep_frames=keep, preview_every=every)
    ) as kept:
        film.render(dreamer, kept, on_event)
    return kept


def with_preview_sink(film: PreparedFilm, make: Callable[[], FilmSink]) -> PreparedFilm:
    """Let previews alone go elsewhere."""

    def open_sink(path: Path, length_s: Fraction | None) -> FilmSink:
        return film.open_sink(path, None) if length_s is None else make()

    return replace(film, open_sink=open_sink)


class Watching:
    """Looks at every preview while a render is under way, which it holds up until there were two."""

    def __init__(self, path: Path) -> None:
        self.lengths: list[int] = []
        self._path, self._seen = path, 0

    def __call__(self, event: object) -> None:
        if len(self.lengths) < 2:
            time.sleep(0.15)
        if self._path.exists() and self._path.stat().st_mtime_ns != self._seen:
            self._seen = self._path.stat().st_mtime_ns
            with av.open(str(self._path)) as container:
                self.lengths.append(sum(1 for packet in container.demux(video=0) if packet.size))
                audio = container.streams.audio[0]
                assert float((audio.duration or 0) * (audio.time_base or 0)) == pytest.approx(
                    self.lengths[-1] / 25, abs=0.1
                )


def test_they_grow_and_go_and_leave_a_users_own_file_alone(film: PreparedFilm, tmp_path: Path) -> None:
    (tmp_path / "film.so-far.mp4").write_bytes(b"mine")
    watching = Watching(tmp_path / "film.mp4.frames" / "so-far.mp4")
    render(film, StandIn(), 4, watching)
    assert len(watching.lengths) >= 2
    assert watching.lengths == sorted(watching.lengths) and all(n % 4 == 0 for n in watching.lengths)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "film.so-far.mp4"]
    assert (tmp_path / "film.so-far.mp4").read_bytes() == b"mine"


def test_the_last_one_is_dropped_with_the_kept_frames(film: PreparedFilm) -> None:
    folder, plan = checkpoint_folder(film.output), checkpoint_plan(film, SETTINGS, {})
    with pytest.raises(MediaError):
        render(film, StandIn(fail_at=10), every=50)
    (folder / "so-far.mp4").write_bytes(b"x")
    with Checkpoint.open(folder, plan, restart=True) as checkpoint:
        assert not (folder / "so-far.mp4").exists()
        (folder / "so-far.mp4").write_bytes(b"x")
        checkpoint.remove()
    assert not folder.exists()


class Stuck:
    """A sink that takes no frame until it is discarded."""

    def __init__(self) -> None:
        self.began, self.discarded = Event(), Event()

    def write(self, frame: Frame) -> None:
        self.began.set()
        assert self.discarded.wait(20)
        raise MediaError("discarded")

    def complete(self) -> Path:
        return Path()

    def finish(self) -> None: ...

    def discard(self) -> None:
        self.discarded.set()


class Waiting:
    """Holds the render up until a preview is stuck."""

    def __init__(self, sink: Stuck) -> None:
        self._sink = sink

    def __call__(self, event: object) -> None:
        if isinstance(event, FrameDone) and event.done == 12:
            assert self._sink.began.wait(20)


@pytest.mark.parametrize("fail_at", [None, 20])
def test_one_that_is_being_written_is_stopped_when_the_render_ends(
    fail_at: int | None, film: PreparedFilm
) -> None:
    sink = Stuck()
    stuck = with_preview_sink(film, lambda: sink)
    if fail_at is None:
        assert render(stuck, StandIn(), on_event=Waiting(sink)).notes() == ()
    else:
        with pytest.raises(MediaError, match="the engine broke"):
            render(stuck, StandIn(fail_at=fail_at), on_event=Waiting(sink))
    assert sink.began.is_set() and sink.discarded.is_set()
    assert film.output.exists() == (fail_at is None)


def test_a_real_encoder_is_stopped_in_the_middle_of_a_film(film: PreparedFilm, tmp_path: Path) -> None:
    render(film, StandIn(), every=50, keep=True)
    folder = checkpoint_folder(film.output)
    with Checkpoint.open(folder, checkpoint_plan(film, SETTINGS, {})) as checkpoint:
        preview = PartialPreview(checkpoint, 1, film.open_sink)
        for _ in range(5):
            preview.offer(COUNT)
        preview.stop()
        preview.offer(COUNT)
        assert not list(folder.glob(".*")) and preview.notes() == ()


def test_one_that_fails_is_told_once_and_the_render_goes_on(film: PreparedFilm) -> None:
    def fail() -> FilmSink:
        raise RuntimeError("no encoder today")

    kept = render(with_preview_sink(film, fail), StandIn())
    assert kept.notes() == ("a film of what was finished so far could not be made: no encoder today",)
    assert film.output.exists() and not checkpoint_folder(film.output).exists()


class Slow(Stuck):
    """A sink that takes a second of the clock for a film."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def write(self, frame: Frame) -> None: ...

    def finish(self) -> None:
        self._pass_time(1.0)
        self.began.set()


def test_slow_ones_take_no_more_than_a_fifth_of_the_time(
    film: PreparedFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(film, StandIn(), every=50, keep=True)
    clock_s, made = [100.0], []

    def pass_time(duration_s: float) -> None:
        clock_s[0] += duration_s

    def make() -> FilmSink:
        made.append(clock_s[0])
        return Slow(pass_time)

    with Checkpoint.open(checkpoint_folder(film.output), checkpoint_plan(film, SETTINGS, {})) as checkpoint:
        monkeypatch.setattr("lucidreel.render.checkpoint.partial_preview.time.monotonic", lambda: clock_s[0])
        preview = PartialPreview(checkpoint, 1, with_preview_sink(film, make).open_sink)
        for wait_s in (0, 1, 2, 2):
            pass_time(wait_s)
            preview.offer(COUNT)
            while preview.busy:
                time.sleep(0.01)
        preview.stop()
    assert made == [100.0, 106.0]


def test_pictures_need_none_and_leave_nothing_behind(clip: Path, tmp_path: Path) -> None:
    film = prepare_clip(clip, tmp_path / "film", SETTINGS, overwrite=False)
    with pytest.raises(UsageError, match=r"folder of pictures.*film\.frames"):
        render(film, StandIn())
    assert list(tmp_path.iterdir()) == []
