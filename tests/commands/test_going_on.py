"""Films that are begun, stopped, refused, planned and gone on with from the command line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from .conftest import Ended

Run = Callable[..., Ended]
WORDS = ("--size", "96x54", "--end", "1s", "-c", "goldfish")


def film_frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def stopped(tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], home: Path) -> tuple[Path, str]:
    """A film that Ctrl-C has stopped midway, and what the program said."""
    output = tmp_path / "dream.mkv"
    words = [sys.executable, "-m", "lucidreel.cli", "render", str(sample_clip), "-o", str(output), *WORDS]
    program = subprocess.Popen(
        [*words, *quick, "--octaves", "6"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A shell's background jobs ignore Ctrl-C and hand that on to their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert program.stderr is not None
    said = ""
    with program:
        while not (output.with_name("dream.mkv.frames") / "000003.png").exists():
            assert program.poll() is None, program.stderr.read()
        program.send_signal(signal.SIGINT)
        said = program.stderr.read()
        assert program.wait(timeout=60) == 130
    return output, said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGINT of its own")
def test_a_stopped_render_says_how_to_go_on_and_does(
    stopped: tuple[Path, str], sample_clip: Path, quick: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    """The film was begun with one thread: so is the rest made, and another number is refused."""
    output, said = stopped
    assert not output.exists() and said.splitlines()[-1] == "interrupted"
    assert "dream.mkv.frames. Give the same command again to go on" in said and "Traceback" not in said
    command = ("render", sample_clip, *WORDS, *quick, "--octaves", "6", "-o")
    refused = run(*command, output, "--threads", "3")
    assert refused.code == 9 and "threads: 1 then, 3 now" in refused.err, refused.err
    rest = run(*command, output)
    assert rest.code == 0, rest.err
    assert "Going on with frame " in rest.err and f"{output}: 24 frames, 1 s" in rest.out
    whole = run(*command, tmp_path / "whole.mkv", "--threads", "1")
    assert whole.code == 0, whole.err
    for ours, theirs in zip(film_frames(output), film_frames(tmp_path / "whole.mkv"), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not (tmp_path / "dream.mkv.frames").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGINT of its own")
def test_cuts_are_not_looked_for_again_when_a_render_goes_on(
    stopped: tuple[Path, str], sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    output, said = stopped
    assert f"Looking for cuts in {sample_clip.name} …" in said
    words = (
        "render",
        sample_clip,
        "-o",
        output,
        *quick,
        "--octaves",
        "6",
        "--size",
        "96x54",
        "-c",
        "goldfish",
    )
    planned = run(*words, "--end", "1s", "--dry-run")
    assert planned.code == 0 and "Looking for cuts" not in planned.err, planned.err
    assert "from an earlier run" in planned.out
    other = run(*words, "--end", "2s", "--dry-run")  # another part of the clip may have others
    assert other.code == 9 and "Looking for cuts" in other.err
    plan = output.with_name("dream.mkv.frames") / "ledger.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('cuts = ""', 'cuts = "9"'), encoding="utf-8")
    assert "2, cuts at frame 10" in run(*words, "--end", "1s", "--dry-run").out
    plan.write_text("cuts = ", encoding="utf-8")
    damaged = run(*words, "--end", "1s", "--dry-run")
    assert (
        damaged.code == 9
        and "Nobody can tell which render" in damaged.err
        and "Looking for cuts" in damaged.err
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGINT of its own")
def test_another_film_in_its_place_is_refused_until_restarted(
    stopped: tuple[Path, str], sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    output, _ = stopped
    other = ("render", sample_clip, *WORDS, *quick, "-o", output, "--octaves", "2")
    refused = run(*other)
    assert refused.code == 9
    assert "dream.octaves: 6 then, 2 now" in refused.err and "--restart" in refused.err
    assert (output.with_name("dream.mkv.frames") / "000001.png").exists()
    assert run(*other, "--dry-run").code == 9
    planned = run(*other, "--restart", "--dry-run")
    assert planned.code == 0 and "kept " not in planned.out, planned.err
    assert (output.with_name("dream.mkv.frames") / "000001.png").exists()
    restarted = run(*other, "--restart")
    assert restarted.code == 0, restarted.err
    assert "Going on" not in restarted.err and len(film_frames(output)) == 24


def test_a_dry_run_tells_the_plan_and_writes_nothing(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    sample_clip: Path,
    quick: tuple[str, ...],
    run: Run,
) -> None:
    output, preset = tmp_path / "dream.mp4", tmp_path_factory.mktemp("presets") / "doubtful.toml"
    # The sample clip moves so little that all of a frame has been there before, unless no flow is believed.
    preset.write_text("[clip.flow]\ntolerance = 0\nslack_px2 = 0\nfill_levels = 0\n")
    words = ("-c", "goldfish", "--size", "96x54", *quick, "--preset", preset, "--dry-run")
    ended = run("render", sample_clip, "-o", output, *words)
    assert ended.code == 0, ended.err
    assert f"{output}, 96x54, 96 frames" in ended.out
    assert f"Looking for cuts in {sample_clip.name}" in ended.err
    assert "2, cuts at frame 55" in ended.out  # where the sample clip changes its nebula
    assert "goldfish, on cpu, carry flow" in ended.out
    sample = re.search(
        r"^sample   (\d+) frames looked at: about (\d+) % repeat, (\d+) % need", ended.out, re.M
    )
    assert sample is not None and 1 <= int(sample[1]) <= 96 and 0 < int(sample[3]) <= 100
    assert "free" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_zooms_plan_says_nothing_of_a_carry(tmp_path: Path, quick: tuple[str, ...], run: Run) -> None:
    words = ("-c", "goldfish", "--size", "32x32", "--duration", "0.2s", *quick)
    ended = run("zoom", "noise", "-o", tmp_path / "dream.mp4", *words, "--dry-run")
    assert ended.code == 0, ended.err
    assert "goldfish, on cpu" in ended.out and "carry" not in ended.out and "sample" not in ended.out
    assert "disk     less than 1 MiB while the film is rendered, " in ended.out


def test_a_network_with_another_mean_is_another_film(
    tmp_path: Path, sample_clip: Path, tiny: Path, quick: tuple[str, ...], run: Run
) -> None:
    network, output = tmp_path / "network", tmp_path / "dream.mp4"
    shutil.copytree(tiny, network)
    np.save(network / "mean.npy", np.array([100.0, 110.0, 120.0], np.float32))
    words = (
        "--size",
        "96x54",
        "--end",
        "0.2s",
        "-c",
        "goldfish",
        *quick[2:],
        "--model",
        network,
        "--keep-frames",
    )
    first = run("render", sample_clip, "-o", output, *words)
    assert first.code == 0, first.err
    np.save(network / "mean.npy", np.array([10.0, 110.0, 120.0], np.float32))
    again = run("render", sample_clip, "-o", output, *words, "--overwrite")
    assert again.code == 9 and "network mean.npy: " in again.err


@pytest.mark.parametrize("command", ["render", "zoom"])
def test_previews_of_a_folder_of_pictures_are_refused_before_a_network_wakes(
    command: str, tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    start = {"render": sample_clip, "zoom": "noise"}[command]
    words = ("-c", "goldfish", "--size", "96x54", *quick, "--preview-every", "2")
    for more in ((), ("--dry-run",)):
        ended = run(command, start, "-o", tmp_path / "dream", *words, *more)
        assert ended.code == 2 and "folder of pictures" in ended.err
        assert "Dreaming of" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_kept_frames_are_left_on_request(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    words = ("--size", "96x54", "--end", "0.2s", "-c", "goldfish", "--keep-frames")
    ended = run("render", sample_clip, "-o", tmp_path / "dream.mp4", *words, *quick)
    assert ended.code == 0, ended.err
    kept = sorted(path.name for path in (tmp_path / "dream.mp4.frames").glob("*.png"))
    assert kept == [f"{number:06d}.png" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--preview-every", "0"), 2, "--preview-every"),
        (("--carry", "flo"), 2, "flow"),
        (("--carry-hold", "2"), 2, "--carry-hold"),
        (("--cuts", "soon"), 2, "--cuts"),
        (("--cuts", "99s"), 2, "4 s"),
    ],
)
def test_wrong_words_are_told_before_anything_is_dreamt(
    words: tuple[str, ...],
    code: int,
    told: str,
    tmp_path: Path,
    sample_clip: Path,
    quick: tuple[str, ...],
    run: Run,
) -> None:
    ended = run("render", sample_clip, "-o", tmp_path / "dream.mp4", "-c", "goldfish", *quick, *words)
    assert told in ended.err and (ended.code, ended.out) == (code, "")
    assert list(tmp_path.iterdir()) == []
