"""Real renders in processes of their own, killed at any moment: they go on, and end with the same frames."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.errors import LucidreelError, MediaError, OutputError, ResumeMismatchError, UsageError
from lucidreel.render.films import Summary, prepare_clip, prepare_zoom
from lucidreel.render.frames import FrameSink, Picture
from lucidreel.render.keep import KeepRule, keeping, kept_count, ledger_plan
from lucidreel.render.ledger.files import ledger_folder
from lucidreel.render.media.film_writer import FilmWriter
from lucidreel.render.progress import Silence
from lucidreel.render.settings import Settings

COUNT = 90


class Folding:
    """A dreamer whose every dream depends on each bit of where it starts."""

    def __init__(
        self, delay_s: float = 0.0, fail_at: int | None = None, mishap: Callable[[], None] = lambda: None
    ) -> None:
        """`mishap` happens in the thirtieth dream."""
        self.dreamt, self._mishap = 0, mishap
        self._delay_s, self._fail_at = delay_s, fail_at

    def dream(
        self,
        image: Picture,
        init: Picture | None = None,
        iterations_share: float = 1.0,
        maps: object = None,
        where: Picture | None = None,
    ) -> Picture:
        if self.dreamt == self._fail_at:
            raise MediaError("the engine broke")
        if self.dreamt == 30 and where is None:
            self._mishap()
        self.dreamt += where is None  # catching up comes before, for the same frame
        time.sleep(self._delay_s)
        start = image if init is None else init
        change = np.float32(0.3) * iterations_share * np.sin(40 * start)
        dream: Picture = np.clip(start + (change if where is None else change * where), 0, 1)
        return dream.astype(np.float32, copy=False)


def settings(**clip: object) -> Settings:
    return Settings.read({"clip": clip}, "the test")


def render(
    clip: Path, output: Path, dreamer: Folding, rule: KeepRule | None = None, **keys: object
) -> Summary:
    film = prepare_clip(clip, output, settings(**keys), overwrite=False)
    plan = ledger_plan(film, settings(**keys), {"device": "cpu"})
    with keeping(film, plan, rule or KeepRule()) as kept:
        return film.render(dreamer, Silence(), kept)


def pixels(film: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(film)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> Path:
    """Moving clouds, with a cut in the middle and a few repeated frames."""
    random_levels = np.random.default_rng(4).random((12, 16, 3))
    still = (np.kron(random_levels, np.ones((6, 6, 1))) * 255).astype(np.uint8)
    frames = [np.roll(still, 2 * (index - index % 7 // 5), axis=1) for index in range(COUNT)]
    frames[COUNT // 2 :] = [255 - frame for frame in frames[COUNT // 2 :]]
    sound = np.sin(np.arange(48_000 * COUNT // 25) * 0.05).astype(np.float32) * np.float32(0.3)
    return write_clip(tmp_path_factory.mktemp("resume") / "clip.mp4", frames, sound=sound)


PROGRAM = """
import sys
from pathlib import Path
from lucidreel.render.films import prepare_clip
from lucidreel.render.keep import KeepRule, keeping, ledger_plan
from lucidreel.render.progress import Silence
from lucidreel.tests.render.test_resume import Folding, settings
film = prepare_clip(Path(sys.argv[1]), Path(sys.argv[2]), settings(), overwrite=False)
with keeping(film, ledger_plan(film, settings(), {"device": "cpu"}), KeepRule()) as kept:
    print(kept.ledger.next_index, flush=True)
    film.render(Folding(delay_s=0.004), Silence(), kept)
"""


def wait_for_frames(output: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until that many frames of a running render are kept, or it has ended."""
    journal = ledger_folder(output) / "journal.txt"
    while count and process.poll() is None:
        with suppress(FileNotFoundError):
            if journal.read_bytes().count(b"\n") >= count:
                return
        time.sleep(0.005)


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_render_killed_at_twenty_random_moments_ends_with_the_same_film(clip: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.mkv", tmp_path / "torn.mkv"
    render(clip, whole, Folding())
    moments, kills = random.Random(5), 0
    goes_on_with: list[int] = []
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(clip), str(torn)],
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert process.stdout is not None
        goes_on_with.append(int(process.stdout.readline()))
        wait_for_frames(torn, moments.randrange(COUNT * 3 // 4), process)
        time.sleep(moments.uniform(0.0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        if torn.exists():
            break
    assert kills >= 3
    assert sum(index > 0 for index in goes_on_with) >= 2, goes_on_with
    if not torn.exists():
        render(clip, torn, Folding())
    ours, theirs = pixels(torn), pixels(whole)
    assert len(ours) == len(theirs) == COUNT
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.mkv", "whole.mkv"]


def test_what_was_dreamt_is_not_dreamt_again(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError, match="the engine broke"):
        render(clip, output, Folding(fail_at=30))
    assert not output.exists() and ledger_folder(output).is_dir()
    kept = len(list(ledger_folder(output).glob("*.png")))
    rest = Folding()
    summary = render(clip, output, rest)
    assert (summary.frames, summary.duration_s) == (COUNT, COUNT / 25)
    assert summary.made == COUNT - kept
    whole = Folding()
    render(clip, tmp_path / "whole.mkv", whole)
    assert 0 <= rest.dreamt - (whole.dreamt - 30) <= 4  # the last ones were still on their way
    assert not ledger_folder(output).exists()


def test_film_whose_frames_are_all_kept_is_told_whole_where_nothing_is_carried(
    clip: Path, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"carry": "none", "repeats": False}
    render(clip, tmp_path / "film.mkv", Folding(), KeepRule(keep_frames=True), **keys)
    (tmp_path / "film.mkv").unlink()
    summary = render(clip, tmp_path / "film.mkv", Folding(), **keys)
    assert (summary.frames, summary.made, summary.duration_s) == (COUNT, 0, COUNT / 25)
    assert len(pixels(tmp_path / "film.mkv")) == COUNT


@pytest.mark.parametrize("carry", ["flow", "none"])
def test_cuts_outside_the_clip_are_refused_before_anything_else(
    carry: str, clip: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no cut at 99 s"):
        prepare_clip(clip, tmp_path / "film.mkv", settings(carry=carry, cuts=[99.0]), overwrite=False)


def test_cuts_are_looked_for_when_the_scout_is_asked_for(clip: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(clip.read_bytes())
    film, other = (
        prepare_clip(source, tmp_path / name, settings(), overwrite=False) for name in ("a.mkv", "b.mkv")
    )
    assert film.looks_for_cuts and COUNT // 2 in film.scout.cuts
    source.unlink()
    assert COUNT // 2 in film.scout.cuts
    with pytest.raises(LucidreelError, match="does not exist"):
        other.scout  # noqa: B018


def test_kept_frames_stay_on_request_and_make_the_film_again(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    render(clip, output, Folding(), KeepRule(keep_frames=True))
    first = pixels(output)
    output.unlink()
    idle = Folding()
    summary = render(clip, output, idle)
    assert (summary.frames, summary.made, summary.duration_s) == (COUNT, 0, COUNT / 25)
    assert idle.dreamt == 0
    assert all(np.array_equal(a, b) for a, b in zip(first, pixels(output), strict=True))


def test_other_settings_are_refused_by_name_and_restart_begins_anew(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError):
        render(clip, output, Folding(fail_at=5))
    with pytest.raises(ResumeMismatchError, match=r"clip\.carry: flow then, none now[\s\S]*--restart"):
        render(clip, output, Folding(), carry="none")
    anew = Folding()
    render(clip, output, anew, KeepRule(restart=True), carry="none")
    assert anew.dreamt >= COUNT / 2 and output.exists()


def test_a_clip_that_changed_is_refused(clip: Path, tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    source.write_bytes(clip.read_bytes())
    with pytest.raises(MediaError):
        render(source, output, Folding(fail_at=5))
    write_clip(source, [np.full((72, 96, 3), index, np.uint8) for index in range(COUNT)])
    with pytest.raises(ResumeMismatchError, match=r"source\.blake2"):
        render(source, output, Folding())


def test_second_render_into_the_same_output_is_refused(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    film = prepare_clip(clip, output, settings(), overwrite=False)
    plan = ledger_plan(film, settings(), {"device": "cpu"})
    with keeping(film, plan, KeepRule()), pytest.raises(OutputError, match=rf"process {os.getpid()} renders"):
        render(clip, output, Folding())


def test_render_that_ends_before_its_first_frame_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        render(clip, tmp_path / "film.mkv", Folding(fail_at=0))
    assert list(tmp_path.iterdir()) == []


def test_plan_counts_what_is_kept_and_changes_nothing(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    film = prepare_clip(clip, output, settings(), overwrite=False)
    plan = ledger_plan(film, settings(), {"device": "cpu"})
    assert kept_count(film, plan) == 0 and not ledger_folder(output).exists()
    with pytest.raises(MediaError):
        render(clip, output, Folding(fail_at=10))
    count = kept_count(film, plan)
    assert 10 - 4 <= count < COUNT / 2  # the last ones were still on their way


def test_plan_knows_named_files_and_only_the_table_that_the_film_follows(clip: Path, tmp_path: Path) -> None:
    guide = tmp_path / "bees.jpg"
    guide.write_bytes(b"x")
    asked = Settings.read({"targets": {"guides": {str(guide): 1.0}}}, "the test")
    film = prepare_clip(clip, tmp_path / "film.mkv", asked, overwrite=False)
    zoom = prepare_zoom(np.zeros((3, 32, 32), np.float32), tmp_path / "zoom.mkv", asked, overwrite=False)
    of_clip, of_zoom = (ledger_plan(each, asked, {}).settings for each in (film, zoom))
    assert f"file {guide}" in of_clip and f"file {guide}" in of_zoom
    assert {key.split(".")[0] for key in of_clip} >= {"clip", "dream"}
    assert not [key for key in of_clip if key.startswith("zoom.")]
    assert "zoom.fps" in of_zoom and not [key for key in of_zoom if key.startswith("clip.")]


def test_source_removed_midway_leaves_what_is_finished(clip: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    source.write_bytes(clip.read_bytes())
    with pytest.raises(MediaError):
        render(source, output, Folding(fail_at=8))
    source.unlink()
    with pytest.raises(LucidreelError, match="does not exist"):
        render(source, output, Folding())
    source.write_bytes(clip.read_bytes())
    assert render(source, output, Folding()).frames == COUNT


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_encoder_killed_midway_costs_no_frame(clip: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.mkv", tmp_path / "torn.mkv"
    render(clip, whole, Folding())
    film, encoders = prepare_clip(clip, torn, settings(), overwrite=False), list[int]()

    def open_sink(path: Path, length_s: Fraction | None) -> FrameSink:
        sink = film.open_sink(path, length_s)
        assert isinstance(sink, FilmWriter)
        encoders.append(sink.process_id)
        return sink

    plan = ledger_plan(film, settings(), {"device": "cpu"})
    killing = Folding(delay_s=0.004, mishap=lambda: os.kill(encoders[0], signal.SIGKILL))
    died = pytest.raises(MediaError, match="ffmpeg stopped while writing the film")
    with died, keeping(film, plan, KeepRule()) as kept:
        replace(film, open_sink=open_sink).render(killing, Silence(), kept)
    assert not torn.exists() and kept_count(film, plan) >= 20
    rest = Folding()
    render(clip, torn, rest)
    assert rest.dreamt < COUNT
    assert all(np.array_equal(a, b) for a, b in zip(pixels(torn), pixels(whole), strict=True))


@pytest.mark.skipif(os.name != "posix", reason="removes a file that is open")
def test_source_removed_while_it_is_read_is_read_to_its_end(clip: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    shutil.copy(clip, source)
    assert render(source, output, Folding(delay_s=0.004, mishap=source.unlink)).frames == COUNT
    assert len(pixels(output)) == COUNT


def test_source_cut_off_while_it_is_read_leaves_what_is_finished(clip: Path, tmp_path: Path) -> None:
    source, output, whole = tmp_path / "source.mkv", tmp_path / "film.mkv", tmp_path / "whole.mkv"
    shutil.copy(clip, source)
    render(source, whole, Folding())
    size = source.stat().st_size
    with pytest.raises(LucidreelError, match="was changed while it was read"):
        render(source, output, Folding(delay_s=0.004, mishap=lambda: os.truncate(source, size // 4)))
    assert not output.exists()
    shutil.copy(clip, source)
    render(source, output, Folding())
    assert all(np.array_equal(a, b) for a, b in zip(pixels(output), pixels(whole), strict=True))
