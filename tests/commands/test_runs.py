"""Whole runs through the program: films, stills and previews that appear, agree, and can be replayed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .conftest import Ended

Run = Callable[..., Ended]
SMALL = ("--size", "96x54")


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def film_frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small picture with edges and colours."""
    y, x = np.mgrid[0:54, 0:96]
    levels = np.stack([x * 2, y * 4, (x // 12 + y // 12) % 2 * 200], axis=2).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(levels).save(path)
    return path


def test_render_makes_a_film_with_sound_and_a_record(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    film = tmp_path / "dream.mp4"
    ended = run("render", sample_clip, "-o", film, "--end", "0.5s", "-c", "goldfish", *SMALL, *quick)
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"{film}: 12 frames, 0.5 s, ")
    assert "Dreaming of goldfish, with tiny on cpu." in ended.err
    assert "dream.mp4: frame 12/12 (100%)" in ended.err
    with av.open(str(film)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert (container.streams.video[0].width, container.streams.video[0].height) == (96, 54)
    record = tomllib.loads((tmp_path / "dream.mp4.toml").read_text(encoding="utf-8"))
    assert record["targets"]["classes"] == {"goldfish": 1.0}
    assert record["record"]["source"] == str(sample_clip)


def test_a_lot_pulled_and_a_lot_pushed_replay_from_their_record(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    first, again = tmp_path / "first.png", tmp_path / "again.png"
    ended = run("still", photo, "-o", first, "-c", "random:1", "-c", "random:1=-1", *quick)
    assert ended.code == 0, ended.err
    record = tomllib.loads((tmp_path / "first.png.toml").read_text(encoding="utf-8"))
    assert record["targets"]["classes"] == {"random:1": 1.0, "random:1#2": -1.0}
    assert run("still", "--config", f"{first}.toml", "-o", again).code == 0
    assert np.array_equal(pixels(first), pixels(again))


def test_a_record_replays_to_the_same_film_and_can_be_changed(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    first, again, other = (tmp_path / f"{name}.mkv" for name in ("first", "again", "other"))
    run("render", sample_clip, "-o", first, "--end", "0.2s", "--seed", "9", *SMALL, *quick)
    replayed = run("render", "--config", f"{first}.toml", "-o", again)
    changed = run("render", "--config", f"{first}.toml", "-o", other, "--seed", "10", "-c", "peacock")
    assert (replayed.code, changed.code) == (0, 0), replayed.err + changed.err
    assert np.array_equal(film_frames(first), film_frames(again))
    assert not np.array_equal(film_frames(first), film_frames(other))


def test_preview_alone_is_the_frame_that_render_makes_there_when_nothing_is_carried(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    flags = ("-c", "jellyfish", *SMALL, *quick)
    part = ("--start", "2s", "--end", "2.2s", "--carry", "none")
    rendered = run("render", sample_clip, "-o", tmp_path / "frames", *part, *flags)
    previewed = run("preview", sample_clip, "-o", tmp_path / "look.png", "--at", "2.09s", "--alone", *flags)
    assert (rendered.code, previewed.code) == (0, 0), rendered.err + previewed.err
    assert np.array_equal(pixels(tmp_path / "look.png"), pixels(tmp_path / "frames" / "000003.png"))


def test_preview_near_a_cut_is_the_frame_of_the_film(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    """The sample clip's second shot begins with its frame 54, at 2.25 s."""
    flags = ("-c", "jellyfish", "--start", "2s", "--end", "2.4s", *SMALL, *quick)
    rendered = run("render", sample_clip, "-o", tmp_path / "frames", *flags)
    previewed = run("preview", sample_clip, "-o", tmp_path / "look.png", "--at", "2.3s", *flags)
    assert (rendered.code, previewed.code) == (0, 0), rendered.err + previewed.err
    assert "2.3 s: dreamt from the beginning of the shot on, 2 frames and 5 that are" in previewed.err
    assert np.array_equal(pixels(tmp_path / "look.png"), pixels(tmp_path / "frames" / "000008.png"))


def test_preview_shows_the_middle_unless_told_and_several_moments_on_one_sheet(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    flags = ("-c", "jellyfish", "--alone", *SMALL, *quick)
    run("preview", sample_clip, "-o", tmp_path / "middle.png", "--end", "1s", *flags)
    run("preview", sample_clip, "-o", tmp_path / "half.png", "--at", "0.5s", *flags)
    run(
        "preview",
        sample_clip,
        "-o",
        tmp_path / "sheet.png",
        "--at",
        "0",
        "--at",
        "500ms",
        "--at",
        "0:03",
        *flags,
    )
    half, sheet = pixels(tmp_path / "half.png"), pixels(tmp_path / "sheet.png")
    assert np.array_equal(pixels(tmp_path / "middle.png"), half)
    assert sheet.shape[0] > 2 * 54 and sheet.shape[1] > 2 * 96
    assert np.array_equal(sheet[:54, -96:], half)


def test_preview_of_a_picture_is_its_still(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    for command in ("preview", "still"):
        assert run(command, photo, "-o", tmp_path / f"{command}.png", "-l", "conv1", *quick).code == 0
    dream = pixels(tmp_path / "still.png")
    assert np.array_equal(dream, pixels(tmp_path / "preview.png"))
    assert dream.shape == (54, 96, 3) and not np.array_equal(dream, pixels(photo))


def test_a_film_of_one_frame_is_not_said_to_have_frames(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    film = tmp_path / "zoom.mp4"
    assert run("zoom", photo, "-o", film, "-d", "40ms", *quick).out.startswith(f"{film}: 1 frame, ")


@pytest.mark.parametrize(
    ("word", "flags", "size"),
    [("noise:80x48", (), (80, 48)), ("noise", ("--size", "64x64"), (64, 64)), ("noise", (), (640, 480))],
)
def test_a_still_from_noise_has_the_size_asked_for(
    word: str, flags: tuple[str, ...], size: tuple[int, int], tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    ended = run("still", word, "-o", tmp_path / "dream.png", *flags, *quick, "-n", "1", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    with Image.open(tmp_path / "dream.png") as image:
        assert image.size == size


def test_zoom_films_a_picture_for_the_time_and_rate_asked_for(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    film = tmp_path / "zoom.mp4"
    moves = ("--zoom", "2/s", "--rotate", "10/s", "--shift", "0,5/s")
    ended = run("zoom", photo, "-o", film, "-d", "0.5s", "--fps", "12", *moves, "-c", "peacock", *quick)
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"{film}: 6 frames, 0.5 s, ")
    assert len(film_frames(film)) == 6
    again = tmp_path / "again.mp4"
    assert run("zoom", "--config", f"{film}.toml", "-o", again).code == 0
    assert np.array_equal(film_frames(film), film_frames(again))


def test_without_targets_the_seed_draws_a_class_and_the_program_says_which(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    said = {
        run("still", photo, "-o", tmp_path / f"{seed}.png", "--seed", str(seed), *quick).err
        for seed in range(8)
    }
    assert all("chosen at random from seed" in words for words in said)
    assert len({words.partition("(")[0] for words in said}) > 1


def test_a_preset_dreams_with_its_own_targets(tmp_path: Path, photo: Path, tiny: Path, run: Run) -> None:
    look = tmp_path / "look.toml"
    look.write_text(
        '# Mine.\n[targets]\nclasses = { peacock = 2.0, "jellyfish" = -1.0 }\n[dream]\niterations = 1\n'
    )
    ended = run("still", photo, "-o", tmp_path / "dream.png", "-p", look, "-m", tiny)
    assert "Dreaming of 2 peacock - jellyfish, with tiny" in ended.err


def test_an_output_is_replaced_only_when_told(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    out = tmp_path / "dream.png"
    out.write_bytes(b"precious")
    assert run("still", photo, "-o", out, *quick).code == 8
    assert out.read_bytes() == b"precious"
    assert run("still", photo, "-o", out, "--overwrite", *quick).code == 0
    assert pixels(out).shape == (54, 96, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows neither of these signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_an_interrupted_render_ends_soon_and_leaves_nothing(
    how: signal.Signals, tmp_path: Path, sample_clip: Path, tiny: Path
) -> None:
    words = ["render", str(sample_clip), "-o", str(tmp_path / "dream.mp4"), "-m", str(tiny), "-c", "peacock"]
    program = subprocess.Popen(
        [sys.executable, "-m", "lucidreel.cli", *words, "--iterations", "300"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A shell's background jobs ignore Ctrl-C and hand that on to their children.
        preexec_fn=lambda: signal.signal(how, signal.SIG_DFL),
    )
    assert program.stderr is not None
    with program:
        line = program.stderr.readline()
        while "Dreaming of" not in line:
            line = program.stderr.readline()
            assert line, "the render ended before it could be interrupted"
        time.sleep(1.0)
        program.send_signal(how)
        rest = program.stderr.read()
        code = program.wait(timeout=60)
    assert code == 130
    assert rest.splitlines()[-1] == "interrupted"
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []
