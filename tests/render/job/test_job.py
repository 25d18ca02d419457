"""A job says what it will do, does it, tells of it, and can be ended and taken up again at any time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import (
    CancelledRenderError,
    ConfigError,
    InputNotFoundError,
    LucidreelError,
    MediaError,
    ModelFileError,
    OutputError,
    TargetError,
    UsageError,
)
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.events.events import (
    Cancelled,
    CutSearch,
    Event,
    Failed,
    Finished,
    FrameDone,
    Loaded,
    Planned,
    PreviewReady,
    Resumed,
    Started,
    WarmUpFrame,
)
from lucidreel.render.frames.frames import Picture
from lucidreel.render.job.job import RenderJob
from lucidreel.render.job.sources import Clip, Zoom
from lucidreel.render.settings.records import read_record
from lucidreel.render.settings.settings import Settings
from lucidreel.render.start import Noise
from lucidreel.tests.render.kept_renders import pixels

COUNT = 12


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> Path:
    """A clip of 12 frames, 25 per second, with sound: a picture that moves, and a cut after the eighth."""
    random = np.random.default_rng(6)
    shots = [(np.kron(random.random((8, 12, 3)), np.ones((5, 5, 1))) * 255).astype(np.uint8) for _ in "ab"]
    frames = [np.roll(shots[index // 8], 2 * index, axis=1) for index in range(COUNT)]
    sound = np.sin(np.arange(48_000 * COUNT // 25) * 0.05).astype(np.float32) * np.float32(0.3)
    return write_clip(tmp_path_factory.mktemp("job") / "clip.mp4", frames, sound=sound)


def settings(**tables: Any) -> Settings:
    """Return settings of a dream that takes milliseconds."""
    asked = {
        "device": "cpu",
        "threads": 1,
        "targets": {"classes": {"eye": 1.0}},
        "dream": {"octaves": 1, "iterations": 2, "precision": "fp32"},
        "clip": {"run_in_frames": 2},
        "zoom": {"duration_s": 0.4, "fps": "10", "size_px": (48, 32)},
        "output": {"codec": "ffv1"},
    }
    return Settings.read({**asked, **tables}, "the test")


def job(clip: Path, output: Path, **more: Any) -> RenderJob:
    return RenderJob(settings(), Clip(clip), output, **more)


@pytest.fixture(scope="module")
def whole(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The frames of the film that nothing has disturbed."""
    output = tmp_path_factory.mktemp("whole") / "film.mkv"
    job(clip, output).run()
    return pixels(output)


def same(film: Path, frames: list[Any]) -> bool:
    return np.array_equal(np.stack(pixels(film)), np.stack(frames))


def names(events: list[Event]) -> list[str]:
    """Return the events' names in their order, each once for several on end."""
    return [name for name, _ in groupby(type(event).__name__ for event in events)]


def raising_at(number: int, error: BaseException) -> Callable[[Event], None]:
    """Return a listener that fails when so many frames are done."""

    def listen(event: Event) -> None:
        if isinstance(event, FrameDone) and event.done == number:
            raise error

    return listen


def test_a_plan_says_what_a_run_will_make_and_leaves_nothing_behind(clip: Path, tmp_path: Path) -> None:
    told: list[Event] = []
    plan = job(clip, tmp_path / "film.mkv").plan(told.append)
    assert (plan.film.width_px, plan.film.height_px, plan.film.frame_count) == (60, 40, COUNT)
    assert (plan.rate, plan.cuts) == (Fraction(25), (8,)) and (plan.warm_up_frames, plan.carry) == (2, "flow")
    assert (plan.file.container, plan.file.codec, plan.file.bit_depth) == (".mkv", "ffv1", 8)
    assert [sound.codec for sound in plan.sounds] == ["aac"] and plan.sounds[0].encoder is None
    assert (plan.dream, plan.networks, plan.device, plan.done) == ("eye", ("bestiary",), "cpu", 0)
    assert plan.disk.needed_bytes is not None and plan.disk.missing_frames_bytes is not None
    assert 0 < plan.disk.missing_frames_bytes <= plan.disk.needed_bytes and not plan.disk.is_short
    assert plan.memory_mib is not None and plan.memory_mib > 0
    assert names(told) == ["Loaded", "CutSearch"] and list(tmp_path.iterdir()) == []


def test_the_events_of_a_render_come_in_order_and_count_every_frame(clip: Path, tmp_path: Path) -> None:
    told: list[Event] = []
    output = tmp_path / "film.mkv"
    summary = job(clip, output).run(told.append)
    assert names(told) == [
        *("Loaded", "CutSearch", "Planned", "Started"),
        *("WarmUpFrame", "FrameDone", "WarmUpFrame", "FrameDone", "Finished"),
    ]
    assert [event.left for event in told if isinstance(event, WarmUpFrame)] == [2, 1, 2, 1]
    done = [event for event in told if isinstance(event, FrameDone)]
    assert [(event.index, event.done, event.total) for event in done] == [
        (index, index + 1, COUNT) for index in range(COUNT)
    ]
    assert [event.time_s for event in done] == [Fraction(index, 25) for index in range(COUNT)]
    assert all(event.picture.shape == (3, 40, 60) for event in done)
    assert [event.done for event in told if isinstance(event, CutSearch)] == list(range(COUNT + 1))
    assert told[-1] == Finished(summary)
    assert (summary.frames, summary.made, summary.output) == (COUNT, COUNT, output)


def test_the_frames_that_are_told_are_those_of_the_film(clip: Path, tmp_path: Path) -> None:
    told: list[Event] = []
    output = tmp_path / "film.mkv"
    job(clip, output).run(told.append)
    pictures = [event.picture for event in told if isinstance(event, FrameDone)]
    levels = [np.rint(255 * picture.transpose(1, 2, 0)) for picture in pictures]
    assert np.abs(np.stack(levels) - np.stack(pixels(output))).max() <= 1


def test_a_listener_changes_no_frame(clip: Path, tmp_path: Path, whole: list[Any]) -> None:
    job(clip, tmp_path / "film.mkv").run(lambda event: None)
    assert same(tmp_path / "film.mkv", whole)


def test_every_event_comes_on_the_thread_that_runs_the_job(clip: Path, tmp_path: Path) -> None:
    threads: set[int] = set()
    told: list[Event] = []

    def listen(event: Event) -> None:
        threads.add(threading.get_ident())
        told.append(event)
        if isinstance(event, FrameDone):  # until a preview is there
            threading.Event().wait(0.2)

    made = job(clip, tmp_path / "film.mp4", keep=KeepRule(preview_every=2))
    made.settings = settings(output={})
    runner = threading.Thread(target=made.run, args=(listen,))
    runner.start()
    runner.join(120)
    assert threads == {runner.ident}
    assert {event.path for event in told if isinstance(event, PreviewReady)} == {
        tmp_path / "film.mp4.frames" / "so-far.mp4"
    }


@pytest.mark.parametrize("at", [1, 5, 9])
def test_a_job_cancelled_by_its_listener_goes_on_to_the_same_film(
    at: int, clip: Path, tmp_path: Path, whole: list[Any]
) -> None:
    output, told = tmp_path / "film.mkv", list[Event]()
    held = job(clip, output)

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, FrameDone) and event.done == at:
            held.cancel()

    with pytest.raises(CancelledRenderError):
        held.run(listen)
    assert isinstance(told[-1], Cancelled) and not output.exists()
    kept = 0 if told[-1].kept is None else told[-1].kept.count
    checkpoint = held.checkpoint
    assert (checkpoint.frames, checkpoint.is_own) == (kept, True)
    assert held.plan(estimate=False).done == kept
    again: list[Event] = []
    summary = held.run(again.append)
    assert (summary.frames, summary.made) == (COUNT, COUNT - kept)
    assert [event.kept.count for event in again if isinstance(event, Resumed)] == ([kept] if kept else [])
    assert same(output, whole) and not checkpoint.folder.exists()


def test_a_job_is_cancelled_from_another_thread_within_a_step(clip: Path, tmp_path: Path) -> None:
    slow = settings(dream={"octaves": 1, "iterations": 10_000, "precision": "fp32"})
    held, begun = RenderJob(slow, Clip(clip), tmp_path / "film.mkv"), threading.Event()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            held.run(lambda event: begun.set() if isinstance(event, Started) else None, estimate=False)
        except BaseException as error:
            ended.append(error)

    runner = threading.Thread(target=run)
    runner.start()
    assert begun.wait(120)
    held.cancel()
    runner.join(60)
    assert not runner.is_alive() and [type(error) for error in ended] == [CancelledRenderError]
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_job_cancelled_before_it_runs_does_not_begin_and_then_does(clip: Path, tmp_path: Path) -> None:
    held = job(clip, tmp_path / "film.mkv")
    held.cancel()
    with pytest.raises(CancelledRenderError):
        held.run(lambda event: None)
    assert list(tmp_path.iterdir()) == []
    assert held.run().frames == COUNT


@pytest.mark.parametrize("error", [ValueError("the page is gone"), KeyboardInterrupt()])
def test_what_a_listener_raises_ends_the_run_and_leaves_the_frames(
    error: BaseException, clip: Path, tmp_path: Path, whole: list[Any]
) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(type(error)):
        job(clip, output).run(raising_at(6, error))
    assert [path.name for path in tmp_path.iterdir()] == ["film.mkv.frames"]
    assert job(clip, output).run().made < COUNT
    assert same(output, whole)


def test_an_error_is_told_with_what_is_left_and_raised(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, told = tmp_path / "film.mkv", list[Event]()

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, FrameDone) and event.done == 6:
            for path in (tmp_path / "film.mkv.frames").glob("0*.png"):
                path.unlink()  # as a user might who wants disk space
        if isinstance(event, FrameDone) and event.done == 8:
            (tmp_path / "film.mkv").mkdir()

    with pytest.raises(LucidreelError) as raised:
        job(clip, output).run(listen)
    assert isinstance(told[-1], Failed) and told[-1].error is raised.value


def test_a_job_runs_once_at_a_time_and_any_number_of_times(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    held, refused = job(clip, output, overwrite=True), list[LucidreelError]()

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            with pytest.raises(UsageError, match="at work already") as raised:
                held.run()
            refused.append(raised.value)

    assert held.run(listen).made == COUNT and len(refused) == 1
    first = output.read_bytes()
    assert held.run().made == COUNT
    assert output.read_bytes() == first
    with pytest.raises(OutputError, match="exists"):
        job(clip, output).run()


def test_two_jobs_share_one_network_that_is_loaded_already(
    clip: Path, tmp_path: Path, whole: list[Any]
) -> None:
    network = load_network("bestiary")
    for name in ("a.mkv", "b.mkv"):
        job(clip, tmp_path / name, networks=network).run()
        assert same(tmp_path / name, whole)
    other = RenderJob(settings(model="bestiary"), Clip(clip), tmp_path / "c.mkv", networks=[network, network])
    with pytest.raises(ConfigError, match="the settings name the network bestiary"):
        other.run()


def test_a_job_goes_on_in_another_process(clip: Path, tmp_path: Path, whole: list[Any]) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(RuntimeError):
        job(clip, output).run(raising_at(7, RuntimeError("the studio is closed")))
    program = f"""
from pathlib import Path
from lucidreel.tests.render.job.test_job import job
print(job(Path({str(clip)!r}), Path({str(output)!r})).run().made)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 0 < int(ran.stdout) < COUNT
    assert same(output, whole)


def test_a_checkpoint_of_other_settings_is_said_to_be_anothers(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(RuntimeError):
        job(clip, output).run(raising_at(9, RuntimeError()))
    other = RenderJob(settings(targets={"classes": {"fish": 1.0}}), Clip(clip), output)
    checkpoint = other.checkpoint
    assert checkpoint.frames >= 7 and not checkpoint.is_own
    assert checkpoint.reason is not None and "targets" in checkpoint.reason
    with pytest.raises(LucidreelError, match="was another"):
        other.run()


@pytest.mark.parametrize("start", [Noise((48, 32), "noise:48x32"), np.full((3, 32, 48), 0.5, np.float32)])
def test_a_zoom_flies_into_noise_or_a_picture_in_memory(start: Noise | Picture, tmp_path: Path) -> None:
    output, told = tmp_path / "flight.mkv", list[Event]()
    flight = RenderJob(settings(), Zoom(start), output)
    plan = flight.plan(estimate=False)
    assert (plan.film.frame_count, plan.rate) == (4, Fraction(10)) and (plan.carry, plan.cuts) == (None, ())
    assert flight.run(told.append).frames == 4
    assert names(told) == ["Loaded", "Planned", "Started", "FrameDone", "Finished"]
    record = read_record(tmp_path / "flight.mkv.toml")
    assert (record.command, record.source) == ("zoom", start.word if isinstance(start, Noise) else None)


def test_a_record_tells_the_source_and_where_the_settings_came_from(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    job(clip, output, origin={"preset": "lucid"}).run()
    record = read_record(tmp_path / "film.mkv.toml")
    assert (record.command, record.source) == ("render", str(clip.resolve()))
    assert record.extra["preset"] == "lucid" and record.extra["dream"] == "eye"


@pytest.mark.parametrize(
    ("asked", "name", "output", "error"),
    [
        ({"model": "no-such-network"}, "clip.mp4", "film.mkv", ModelFileError),
        ({"targets": {"classes": {"no such class": 1.0}}}, "clip.mp4", "film.mkv", TargetError),
        ({}, "none.mp4", "film.mkv", InputNotFoundError),
        ({}, "noise", "film.mkv", InputNotFoundError),
        ({}, "text.mp4", "film.mkv", MediaError),
        ({}, "clip.mp4", "clip.mp4", OutputError),
        ({}, "clip.mp4", "none/film.mkv", OutputError),
        ({"clip": {"start_s": 99.0}}, "clip.mp4", "film.mkv", UsageError),
        ({"clip": {"cuts": [99.0]}}, "clip.mp4", "film.mkv", UsageError),
    ],
)
def test_what_is_wrong_is_one_error_before_anything_is_loaded(
    asked: dict[str, Any], name: str, output: str, error: type[LucidreelError], clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "text.mp4").write_text("no clip", encoding="utf-8")
    source = tmp_path / name if name != "noise" else Path(name)
    wrong = RenderJob(settings(**{"output": {}, **asked}), Clip(source), tmp_path / output)
    for ask in (wrong.run, wrong.plan):
        told: list[Event] = []
        with pytest.raises(error) as raised:
            ask(told.append)
        assert "\n" not in str(raised.value)
        assert not any(isinstance(event, Loaded | Planned) for event in told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "text.mp4"]
