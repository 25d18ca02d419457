"""Renders go on after an error with what was kept, and refuse what belongs to another render."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import LucidreelError, MediaError, OutputError, ResumeMismatchError, UsageError
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.checkpoint.session import kept_count
from lucidreel.render.film.film import prepare_clip, prepare_zoom
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.render.settings.settings import Settings

from ..kept_renders import COUNT, folding, pixels, render, settings
from ..stand_in import StandIn


def test_what_was_dreamt_is_not_dreamt_again(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError, match="the engine broke"):
        render(clouds, output, folding(fail_at=30))
    assert not output.exists() and checkpoint_folder(output).is_dir()
    kept = len(list(checkpoint_folder(output).glob("*.png")))
    rest = folding()
    summary = render(clouds, output, rest)
    assert (summary.frames, summary.duration_s) == (COUNT, COUNT / 25)
    assert summary.made == COUNT - kept
    whole = folding()
    render(clouds, tmp_path / "whole.mkv", whole)
    assert 0 <= rest.dreamt - (whole.dreamt - 30) <= 4  # the last ones were still on their way
    assert not checkpoint_folder(output).exists()


def test_film_whose_frames_are_all_kept_is_told_whole_where_nothing_is_carried(
    clouds: Path, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"carry": "none", "repeats": False}
    render(clouds, tmp_path / "film.mkv", folding(), KeepRule(keep_frames=True), **keys)
    (tmp_path / "film.mkv").unlink()
    summary = render(clouds, tmp_path / "film.mkv", folding(), **keys)
    assert (summary.frames, summary.made, summary.duration_s) == (COUNT, 0, COUNT / 25)
    assert len(pixels(tmp_path / "film.mkv")) == COUNT


@pytest.mark.parametrize("carry", ["flow", "none"])
def test_cuts_outside_the_clip_are_refused_before_anything_else(
    carry: str, clouds: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no cut at 99 s"):
        prepare_clip(clouds, tmp_path / "film.mkv", settings(carry=carry, cuts=[99.0]), overwrite=False)


def test_cuts_are_looked_for_when_the_scout_is_asked_for(clouds: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(clouds.read_bytes())
    film, other = (
        prepare_clip(source, tmp_path / name, settings(), overwrite=False) for name in ("a.mkv", "b.mkv")
    )
    assert film.analysis is not None and film.analysis.cuts is None
    assert COUNT // 2 in film.analyzer.cuts
    source.unlink()
    assert COUNT // 2 in film.analyzer.cuts
    with pytest.raises(LucidreelError, match="does not exist"):
        other.analyzer  # noqa: B018


def test_kept_frames_stay_on_request_and_make_the_film_again(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    render(clouds, output, folding(), KeepRule(keep_frames=True))
    first = pixels(output)
    output.unlink()
    idle = folding()
    summary = render(clouds, output, idle)
    assert (summary.frames, summary.made, summary.duration_s) == (COUNT, 0, COUNT / 25)
    assert idle.dreamt == 0
    assert all(np.array_equal(a, b) for a, b in zip(first, pixels(output), strict=True))


def test_other_settings_are_refused_by_name_and_restart_begins_anew(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError):
        render(clouds, output, folding(fail_at=15))
    with pytest.raises(ResumeMismatchError, match=r"clip\.carry: flow then, none now[\s\S]*--restart"):
        render(clouds, output, folding(), carry="none")
    anew = folding()
    render(clouds, output, anew, KeepRule(restart=True), carry="none")
    assert anew.dreamt >= COUNT / 2 and output.exists()


def test_a_clip_that_changed_is_refused(
    clouds: Path, tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "film.mkv"
    source.write_bytes(clouds.read_bytes())
    with pytest.raises(MediaError):
        render(source, output, folding(fail_at=15))
    write_clip(source, [np.full((72, 96, 3), index, np.uint8) for index in range(COUNT)])
    with pytest.raises(ResumeMismatchError, match=r"source\.blake2"):
        render(source, output, folding())


def test_second_render_into_the_same_output_is_refused(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    film = prepare_clip(clouds, output, settings(), overwrite=False)
    plan = checkpoint_plan(film, settings(), {"device": "cpu"})
    with (
        open_checkpoint(film, plan, KeepRule()),
        pytest.raises(OutputError, match=rf"process {os.getpid()} renders"),
    ):
        render(clouds, output, folding())


def test_render_that_ends_before_its_first_frame_leaves_nothing(clouds: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        render(clouds, tmp_path / "film.mkv", folding(fail_at=0))
    assert list(tmp_path.iterdir()) == []


def test_plan_counts_what_is_kept_and_changes_nothing(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    film = prepare_clip(clouds, output, settings(), overwrite=False)
    plan = checkpoint_plan(film, settings(), {"device": "cpu"})
    assert kept_count(film.output, plan) == 0 and not checkpoint_folder(output).exists()
    with pytest.raises(MediaError):
        render(clouds, output, folding(fail_at=20))
    count = kept_count(film.output, plan)
    assert 10 - 4 <= count < COUNT / 2  # the first 8 were thrown away, the last ones still on their way


def test_plan_knows_named_files_and_only_the_table_that_the_film_follows(
    clouds: Path, tmp_path: Path
) -> None:
    guide = tmp_path / "bees.jpg"
    guide.write_bytes(b"x")
    asked = Settings.read({"targets": {"guides": {str(guide): 1.0}}}, "the test")
    film = prepare_clip(clouds, tmp_path / "film.mkv", asked, overwrite=False)
    zoom = prepare_zoom(np.zeros((3, 32, 32), np.float32), tmp_path / "zoom.mkv", asked, overwrite=False)
    of_clip, of_zoom = (checkpoint_plan(each, asked, {}).settings for each in (film, zoom))
    assert f"file {guide}" in of_clip and f"file {guide}" in of_zoom
    assert {key.split(".")[0] for key in of_clip} >= {"clip", "dream"}
    assert not [key for key in of_clip if key.startswith("zoom.")]
    assert "zoom.fps" in of_zoom and not [key for key in of_zoom if key.startswith("clip.")]


@pytest.mark.parametrize("kept", [4, 5, 6, 7])
def test_without_a_carry_a_repeat_shows_the_kept_frame_and_no_dream_is_kept(
    kept: int, clouds: Path, tmp_path: Path
) -> None:
    """Frame 5 repeats frame 4 (from 0); any frame can be the next one, and nothing is dreamt twice."""
    output = tmp_path / "film.mkv"
    keys: dict[str, Any] = {"carry": "none", "end_s": 0.4}
    whole = folding()
    render(clouds, output, whole, KeepRule(keep_frames=True), **keys)
    first = pixels(output)
    output.unlink()
    assert whole.dreamt < len(first) == 10
    assert not (checkpoint_folder(output) / "carry.state").exists()
    film = prepare_clip(clouds, output, settings(**keys), overwrite=False)
    with Checkpoint.open(
        checkpoint_folder(output), checkpoint_plan(film, settings(**keys), {"device": "cpu"})
    ) as checkpoint:
        checkpoint.restart_from(kept)
    rest = folding()
    assert render(clouds, output, rest, **keys).made == 10 - kept
    assert rest.dreamt == sum(np.any(first[index] != first[index - 1]) for index in range(kept, 10))
    assert all(np.array_equal(a, b) for a, b in zip(first, pixels(output), strict=True))


def render_zoom(output: Path, dreamer: StandIn) -> None:
    asked = Settings.read({"zoom": {"duration_s": 0.5, "fps": "24"}, "output": {"codec": "ffv1"}}, "the test")
    film = prepare_zoom(noise_picture(48, 32, 0), output, asked, overwrite=False)
    with open_checkpoint(film, checkpoint_plan(film, asked, {"device": "cpu"}), KeepRule()) as kept:
        film.render(dreamer, kept)


@pytest.mark.parametrize("fail_at", [6, 9])
def test_a_zoom_that_goes_on_is_held_to_the_first_dream_of_all(fail_at: int, tmp_path: Path) -> None:
    render_zoom(tmp_path / "whole.mkv", folding())
    with pytest.raises(MediaError):
        render_zoom(tmp_path / "torn.mkv", folding(fail_at=fail_at))
    rest = folding()
    render_zoom(tmp_path / "torn.mkv", rest)
    assert 12 - fail_at <= rest.dreamt < 12  # some of those before were still on their way
    ours, theirs = pixels(tmp_path / "torn.mkv"), pixels(tmp_path / "whole.mkv")
    assert len(ours) == 12 and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
