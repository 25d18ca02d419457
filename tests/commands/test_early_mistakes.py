"""Mistakes are told before torch is imported, which takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.errors import (
    ClassNotFoundError,
    InputNotFoundError,
    LayerNotFoundError,
    LucidreelError,
    MediaError,
    ModelFileError,
    OutputError,
    PresetError,
    TargetError,
    UsageError,
)

_RUNNER = """
import contextlib, io, json, sys
from lucidreel.cli import run
sys.modules["torch"] = None  # whoever imports it meets an ImportError, which ends as a bug
for words in json.load(sys.stdin):
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        code = run(words)
    print(json.dumps([code, told.getvalue()]), flush=True)
"""

# What is wrong, in any command that dreams -> the error, and a word of its message.
FLAGS: list[tuple[str, type[LucidreelError], str]] = [
    ("--class goldfsh", ClassNotFoundError, "goldfish"),
    ("--class 49", ClassNotFoundError, "0 to 48"),
    ("--class 3-99", ClassNotFoundError, "0 to 48"),
    ("--class random:50", ClassNotFoundError, "49 classes"),
    ("--class none.json", InputNotFoundError, "none.json"),
    ("--palette eye,fogr", ClassNotFoundError, "'fogr'"),
    ("--palette eye", TargetError, "two classes or more"),
    ("--layer conv41", LayerNotFoundError, "conv4_1"),
    ("--layer conv4_1:12", LayerNotFoundError, "--channel conv4_1:12"),
    ("--channel conv1:32", LayerNotFoundError, "0 to 31"),
    ("--channel conv1:strongest:33", LayerNotFoundError, "1 to 32"),
    ("--neuron conv1:32@0.5,0.5", LayerNotFoundError, "0 to 31"),
    ("--neuron conv1:3@2,0.5", UsageError, "shares"),
    ("--guide none.jpg", InputNotFoundError, "none.jpg"),
    ("--guide torn.jpg", MediaError, "torn.jpg"),
    ("--guide photo.png@conv41", LayerNotFoundError, "conv4_1"),
    ("--mask drak", UsageError, "dark"),
    ("--class eye@none.png", InputNotFoundError, "none.png"),
    ("--model bestary", ModelFileError, "bestiary"),
    ("--model album", ModelFileError, ".prototxt"),
    ("--preset lucidd", PresetError, "lucid"),
    ("--device gpu", UsageError, "cuda"),
    ("--size 960", UsageError, "960x540"),
    ("--octaves 0", UsageError, "greater"),
    ("--schedule none.toml", InputNotFoundError, "none.toml"),
    ("--config none.toml", InputNotFoundError, "none.toml"),
]
COMMANDS = {
    "render": "render clip.mp4 -o out.mp4",
    "preview": "preview clip.mp4 -o out.png",
    "still": "still photo.png -o out.png",
    "zoom": "zoom noise -o out.mp4",
}
ALONE: list[tuple[str, type[LucidreelError], str]] = [
    ("render clip.mp4 -o out.mp4 --start 9s", UsageError, "9 s"),
    ("render clip.mp4 -o out.mp4 --cuts 9s", UsageError, "9"),
    ("render clip.mp4 -o out.mp4 --encoder h264_none", UsageError, "h264_none"),
    ("zoom noise -o out.webm --codec h264", UsageError, ".mp4"),
    ("zoom noise -o out.mp4 --crf 99", UsageError, "--crf 99"),
    ("zoom noise -o out --crf 20", UsageError, "numbered pictures"),
    ("render clip.mp4 -o out.avi2", OutputError, ".avi2"),
    ("zoom none.png -o out.mp4", InputNotFoundError, "none.png"),
    ("preview clip.mp4 -o out.png --at 9s", UsageError, "9 s"),
    ("models info bestary", ModelFileError, "bestiary"),
    ("models layers bestary", ModelFileError, "bestiary"),
    ("models classes bestary/", ModelFileError, "bestiary"),
    ("models add album", ModelFileError, ".prototxt"),
    ("models fetch googlnet", ModelFileError, "bvlc_googlenet"),
    ("presets show lucidd", PresetError, "lucid"),
]
CASES = [
    *((f"{start} {flag}", error, said) for flag, error, said in FLAGS for start in COMMANDS.values()),
    *ALONE,
]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """How every mistake ended without torch: exit code, and what was said; all in one process."""
    folder = tmp_path_factory.mktemp("mistakes")
    clip = Path(__file__).resolve().parents[2] / "examples" / "nebula.mp4"
    (folder / "clip.mp4").write_bytes(clip.read_bytes())
    (folder / "album").mkdir()
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    Image.fromarray(np.full((40, 60, 3), 128, np.uint8)).save(folder / "photo.png")
    ended = subprocess.run(
        [sys.executable, "-c", _RUNNER],
        input=json.dumps([words.split() for words, _, _ in CASES]),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "LUCIDREEL_HOME": str(folder / "home")},
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert sorted(path.name for path in folder.iterdir()) == ["album", "clip.mp4", "photo.png", "torn.jpg"]
    return {words: tuple(line) for (words, _, _), line in zip(CASES, lines, strict=True)}


@pytest.mark.parametrize(("words", "error", "said"), CASES, ids=[case[0] for case in CASES])
def test_a_mistake_is_told_before_torch_is_imported(
    words: str, error: type[LucidreelError], said: str, ends: dict[str, tuple[int, str]]
) -> None:
    code, told = ends[words]
    assert (code, told.count("error: ")) == (error.exit_code, 1), told
    assert said in told
