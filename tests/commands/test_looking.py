"""The commands that only look: models, presets, doctor, help and version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lucidreel

from .conftest import Ended

Run = Callable[..., Ended]
ROOT = Path(__file__).resolve().parents[2]


def test_models_list_names_the_embedded_network_and_those_to_fetch(run: Run) -> None:
    ended = run("models", "list")
    lines = {line.split()[0]: line for line in ended.out.splitlines()}
    assert " here " in lines["bestiary"]
    assert "to fetch" in lines["bvlc_googlenet"]


def test_models_info_tells_input_layers_and_classes(tiny: Path, run: Run) -> None:
    ended = run("models", "info", tiny)
    assert ended.code == 0
    for words in ("tiny\n", "24x24, colour", "4, scored by layer score, 4 with names"):
        assert words in ended.out


def test_models_layers_are_listed_in_order_with_their_shapes(tiny: Path, run: Run) -> None:
    lines = run("models", "layers", tiny).out.splitlines()
    assert run("models", "layers", "--model", tiny).out.splitlines() == lines
    assert [line.split()[0] for line in lines[1:]] == ["conv1", "relu1", "classes", "score", "prob"]
    assert lines[1].split() == ["conv1", "Convolution", "8", "12x12", "2", "5", "608", "0.3"]
    assert lines[4].endswith("the classes' scores")


def test_models_classes_can_be_searched_by_any_of_several_words(tiny: Path, run: Run) -> None:
    everything = run("models", "classes", "-m", tiny).out
    found = run("models", "classes", "SHARK", "auratus", "-m", tiny).out
    assert len(everything.splitlines()) == 5
    assert [line.split()[0] for line in found.splitlines()[1:]] == ["0", "1"]
    nothing = run("models", "classes", "whale", "-m", tiny)
    assert (nothing.code, nothing.out) == (0, "")
    assert "'whale'" in nothing.err


def test_an_added_network_is_known_by_its_name(tiny: Path, home: Path, run: Run) -> None:
    assert run("models", "add", tiny, "--name", "mine").code == 0
    assert (home / "models" / "mine" / "deploy.prototxt").is_file()
    assert "mine" in run("models", "list").out
    assert "4 with names" in run("models", "info", "mine").out
    again = run("models", "add", tiny, "--name", "mine")
    assert again.code == 4 and "--name" in again.err


def test_a_network_that_cannot_be_fetched_is_refused_before_any_connection(run: Run) -> None:
    ended = run("models", "fetch", "googlnet")
    assert ended.code == 4
    assert "'googlnet'" in ended.err and "bvlc_googlenet" in ended.err


def test_presets_are_listed_and_shown_with_their_comments(run: Run) -> None:
    listed = run("presets", "list").out
    shown = run("presets", "show", "lucid").out
    assert "lucid " in listed and "deepdraw " in listed
    assert shown.strip() == (ROOT / "presets" / "lucid.toml").read_text(encoding="utf-8").strip()
    assert run("presets", "show", "lucd").code == 3


def test_doctor_checks_everything_and_finds_this_machine_fit(run: Run) -> None:
    ended = run("doctor")
    assert ended.code == 0, ended.out
    for part in ("torch", "memory", "PyAV", "ffmpeg", "libx264", "networks", "caffe", "dream"):
        assert part in ended.out
    assert "FAIL" not in ended.out
    (networks,) = (line for line in ended.out.splitlines() if " networks " in line)
    here, _, others = networks.partition("; ")
    assert "bestiary" in here and "bvlc_googlenet" not in here
    assert others[0].isdigit() and others.endswith("lucidreel models list")


def test_doctor_says_what_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    monkeypatch.setenv("LUCIDREEL_CAFFE_PYTHON", "/nowhere/python")
    ended = run("doctor")
    assert ended.code == 1
    assert "FAIL media" in ended.out and "2 of these checks failed" in ended.out
    assert "FAIL caffe" in ended.out and "'/nowhere/python': there is no such program" in ended.out


@pytest.mark.parametrize("command", ["", "render", "zoom", "preview", "still", "models", "presets", "doctor"])
def test_every_command_explains_itself(command: str, run: Run) -> None:
    ended = run(*command.split(), "--help")
    assert ended.code == 0
    assert "Usage: lucidreel" in ended.out


def flags_shown(help_text: str) -> list[str]:
    return re.findall(r"^│[ *]*(--[a-z-]+)", help_text, flags=re.MULTILINE)


@pytest.mark.parametrize("command", ["render", "zoom", "preview", "still"])
def test_help_shows_the_flags_of_every_day_and_help_all_every_flag(command: str, run: Run) -> None:
    short, full = (flags_shown(run(command, flag).out) for flag in ("--help", "--help-all"))
    assert {"--output", "--class", "--preset", "--size", "--seed", "--help-all"} <= set(short) <= set(full)
    assert "--headroom" in full and "--headroom" not in short
    assert flags_shown(run(command, "--help").out) == short  # what was shown once is hidden again


def test_the_help_of_render_shows_fifteen_flags_besides_those_for_help(run: Run) -> None:
    assert len(flags_shown(run("render", "--help").out)) == 15 + 2


@pytest.mark.parametrize("command", ["render", "zoom", "preview", "still", "models classes", "presets show"])
def test_help_gives_examples_of_the_command_itself(command: str, run: Run) -> None:
    assert run(*command.split(), "--help").out.count(f"lucidreel {command} ") >= 2


@pytest.mark.parametrize("group", [(), ("models",), ("presets",)], ids=str)
def test_a_group_without_a_command_shows_its_help(group: tuple[str, ...], run: Run) -> None:
    ended = run(*group)
    assert (ended.code, ended.err) == (0, "")
    assert " ".join(("Usage: lucidreel", *group)) in ended.out and "Commands" in ended.out


@pytest.mark.parametrize("way", ["installed", "module", "file"])
def test_the_program_starts_as_a_command_as_a_module_and_as_a_file(way: str) -> None:
    installed = shutil.which("lucidreel", path=str(Path(sys.executable).parent))
    starts = {
        "installed": [str(installed)],
        "module": [sys.executable, "-m", "lucidreel.cli"],
        "file": [sys.executable, str(ROOT / "cli.py")],
    }
    ended = subprocess.run([*starts[way], "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"lucidreel {lucidreel.__version__}\n"
