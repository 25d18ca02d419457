"""How far a run is, as lines for a log and as a bar for a terminal."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.commands.progress import BarDisplay, LineDisplay, open_display, progress_line
from lucidreel.commands.report import film_summary, format_clock
from lucidreel.commands.run import talking
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.events.events import Cancelled, FrameDone, KeptFrames, Note, Started, Summary
from lucidreel.render.preview.still import steps_told


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0:00"), (7, "0:07"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")]
)
def test_durations_read_like_a_clock(seconds: float, words: str) -> None:
    assert format_clock(seconds) == words


def test_a_line_tells_frames_share_rate_elapsed_and_left() -> None:
    line = progress_line("dream.mp4", 25, 100, 50.0)
    assert line == "dream.mp4: frame 25/100 (25%), 0.50 fps, 0:50 elapsed, 2:30 left"


def test_a_line_without_a_known_total_promises_no_time_left() -> None:
    assert progress_line("dream.mp4", 3, None, 6.0) == "dream.mp4: frame 3, 0.50 fps, 0:06 elapsed"


@pytest.mark.parametrize(("made", "rate"), [(96, " (2.00 fps)"), (24, " (0.50 fps)"), (0, "")])
def test_a_summary_tells_the_rate_of_what_was_made_in_this_run(made: int, rate: str) -> None:
    summary = Summary(96, made, 4.0, 48.0, Path("dream.mp4"))
    assert film_summary(summary) == f"dream.mp4: 96 frames, 4 s, in 0:48{rate}"


def test_a_piped_run_prints_its_first_and_last_frame_and_no_line_per_frame() -> None:
    stream = io.StringIO()
    with open_display(stream) as progress:
        assert isinstance(progress, LineDisplay)
        progress.start(500, "dream.mp4")
        for _ in range(500):
            progress.frame_done()
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("dream.mp4: frame 1/500 ")
    assert lines[-1].startswith("dream.mp4: frame 500/500 (100%)")
    assert len(lines) < 20


def test_the_steps_of_a_picture_give_a_line_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    stream = io.StringIO()
    with open_display(stream, unit="step") as progress:
        progress.start(80, "dream.png")
        for _ in range(80):
            now_s += 0.25
            progress.frame_done()
    lines = stream.getvalue().splitlines()
    assert lines[0] == "dream.png: step 20/80 (25%), 4.00 steps/s, 0:05 elapsed, 0:15 left"
    assert len(lines) == 4


def test_a_patient_display_shows_nothing_of_what_is_over_in_a_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    for step_s, seen in ((0.0001, False), (1 / 64, True)):
        stream = io.StringIO()
        for display in (stream, Terminal()):
            with open_display(display, patient=True) as progress:
                progress.start(500, "cuts in clip.mp4")
                for _ in range(500):
                    now_s += step_s
                    progress.frame_done()
        assert ("cuts in clip.mp4: frame 320/500 (64%), 64.00 fps" in stream.getvalue()) == seen
        assert (stream.getvalue() != "") == seen
        assert ("cuts in clip.mp4" in capsys.readouterr().err) == seen


def test_a_quiet_run_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    picture = np.zeros((3, 8, 8), np.float32)
    with talking(Path("dream.mp4"), quiet=True) as talker:
        for event in (
            Note("the clip is HDR"),
            Started(Path("dream.mp4"), 0, 1),
            FrameDone(0, Fraction(0), picture, 1, 1),
        ):
            talker.hear(event)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_quiet_run_that_ends_early_says_what_is_left_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    kept = KeptFrames(12, Path("dream.mp4.frames"))
    with talking(Path("dream.mp4"), quiet=True) as talker:
        talker.hear(Cancelled(kept))
    assert capsys.readouterr().err == (
        "12 finished frames are kept in dream.mp4.frames. Give the same command again to go on with the next "
        "one, or with --restart to start again.\n"
    )


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_survives_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), open_display(Terminal()) as progress:
        assert isinstance(progress, BarDisplay)
        progress.start(None, "dream.mp4")
        progress.frame_done()
        raise KeyboardInterrupt
    assert "dream.mp4" in capsys.readouterr().err


def test_a_still_on_a_terminal_has_a_bar_of_its_steps(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = DreamConfig(octaves=2, iterations=[2, 3])
    dreamer = Dreamer(load_network(tiny), Targets(layers={"conv1": 1.0}), config, torch.device("cpu"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with talking(Path("dream.png"), quiet=False) as talker, steps_told(dreamer, talker.hear):
        dreamer.dream(np.full((3, 48, 48), 0.5, np.float32))
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert "5/5 steps, " in drawn
    assert dreamer.on_step is None
