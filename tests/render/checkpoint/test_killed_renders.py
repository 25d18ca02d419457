"""Renders that are killed, or lose their encoder or source, at any moment: they end with the same frames."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import LucidreelError, MediaError
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.checkpoint.session import kept_count
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.frames.frames import FilmSink
from lucidreel.render.media.encode.film_writer import FilmWriter
from lucidreel.render.outputs import checkpoint_folder

from ..kept_renders import COUNT, folding, pixels, render, settings

PROGRAM = """
import sys
from pathlib import Path
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.tests.render.kept_renders import folding, settings
film = prepare_clip(Path(sys.argv[1]), Path(sys.argv[2]), settings(run_in_frames=4), overwrite=False)
plan = checkpoint_plan(film, settings(run_in_frames=4), {"device": "cpu"})
with open_checkpoint(film, plan, KeepRule()) as kept:
    print(kept.checkpoint.next_index, flush=True)
    film.render(folding(delay_s=0.004), kept)
"""


def wait_for_frames(output: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until that many frames of a running render are kept, or it has ended."""
    journal = checkpoint_folder(output) / "journal.txt"
    while count and process.poll() is None:
        with suppress(FileNotFoundError):
            if journal.read_bytes().count(b"\n") >= count:
                return
        time.sleep(0.005)


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_render_killed_at_twenty_random_moments_ends_with_the_same_film(clouds: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.mkv", tmp_path / "torn.mkv"
    render(clouds, whole, folding(), run_in_frames=4)
    moments, kills = random.Random(5), 0
    goes_on_with: list[int] = []
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(clouds), str(torn)],
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
        render(clouds, torn, folding(), run_in_frames=4)
    ours, theirs = pixels(torn), pixels(whole)
    assert len(ours) == len(theirs) == COUNT
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.mkv", "whole.mkv"]


def test_source_removed_midway_leaves_what_is_finished(clouds: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    source.write_bytes(clouds.read_bytes())
    with pytest.raises(MediaError):
        render(source, output, folding(fail_at=8))
    source.unlink()
    with pytest.raises(LucidreelError, match="does not exist"):
        render(source, output, folding())
    source.write_bytes(clouds.read_bytes())
    assert render(source, output, folding()).frames == COUNT


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_encoder_killed_midway_costs_no_frame(clouds: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.mkv", tmp_path / "torn.mkv"
    render(clouds, whole, folding())
    film, encoders = prepare_clip(clouds, torn, settings(), overwrite=False), list[int]()

    def open_sink(path: Path, length_s: Fraction | None) -> FilmSink:
        sink = film.open_sink(path, length_s)
        assert isinstance(sink, FilmWriter)
        encoders.append(sink.process_id)
        return sink

    plan = checkpoint_plan(film, settings(), {"device": "cpu"})
    killing = folding(delay_s=0.004, mishap=lambda: os.kill(encoders[0], signal.SIGKILL))
    died = pytest.raises(MediaError, match="ffmpeg stopped while writing the film")
    with died, open_checkpoint(film, plan, KeepRule()) as kept:
        replace(film, open_sink=open_sink).render(killing, kept)
    assert not torn.exists() and kept_count(film.output, plan) >= 20
    rest = folding()
    render(clouds, torn, rest)
    assert rest.dreamt < COUNT
    assert all(np.array_equal(a, b) for a, b in zip(pixels(torn), pixels(whole), strict=True))


@pytest.mark.skipif(os.name != "posix", reason="removes a file that is open")
def test_source_removed_while_it_is_read_is_read_to_its_end(clouds: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    shutil.copy(clouds, source)
    assert render(source, output, folding(delay_s=0.004, mishap=source.unlink)).frames == COUNT
    assert len(pixels(output)) == COUNT


def test_source_cut_off_while_it_is_read_leaves_what_is_finished(clouds: Path, tmp_path: Path) -> None:
    source, output, whole = tmp_path / "source.mkv", tmp_path / "film.mkv", tmp_path / "whole.mkv"
    shutil.copy(clouds, source)
    render(source, whole, folding())
    size = source.stat().st_size
    with pytest.raises(LucidreelError, match="was changed while it was read"):
        render(source, output, folding(delay_s=0.004, mishap=lambda: os.truncate(source, size // 4)))
    assert not output.exists()
    shutil.copy(clouds, source)
    render(source, output, folding())
    assert all(np.array_equal(a, b) for a, b in zip(pixels(output), pixels(whole), strict=True))
