"""A dream of a stranger's files connects nowhere, starts nothing and writes nothing but its output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# The program under Python's own audit hook, which cannot be taken away again (PEP 578).
WATCHED = """
import atexit, json, os, sys
seen = {"connects": [], "starts": [], "writes": []}
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        seen["connects"].append(repr(args[:2]))
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        seen["starts"].append(str(args[0]))
    elif event == "open" and isinstance(args[0], (str, bytes)):
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        if set(args[1] or "r") & set("wax+") or (args[2] or 0) & writes:
            seen["writes"].append(os.path.abspath(os.fsdecode(args[0])))
    elif event in ("os.rename", "os.remove", "os.mkdir", "os.symlink", "os.link"):
        names = [each for each in args[:2] if isinstance(each, (str, bytes))]
        seen["writes"] += [os.path.abspath(os.fsdecode(each)) for each in names]
def tell(report=sys.argv.pop(1)):
    with open(report, "w") as file:
        json.dump(seen, file)
atexit.register(tell)
sys.addaudithook(watch)
from lucidreel.cli import main
sys.exit(main())
"""


@pytest.fixture
def strangers(tmp_path: Path, tiny: Path) -> Path:
    """A folder of a stranger's files, all of them harmless: a network, a preset, a picture."""
    folder = tmp_path / "strangers"
    folder.mkdir()
    shutil.copytree(tiny, folder / "net")
    Image.fromarray(np.full((32, 40, 3), 90, np.uint8)).save(folder / "photo.png")
    (folder / "look.toml").write_text("[targets.layers]\nconv1 = 1.0\n[dream]\noctaves = 1\niterations = 1\n")
    return folder


def test_a_dream_of_strangers_files_connects_nowhere_and_writes_beside_its_output(
    strangers: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    words: list[str | Path] = [
        "still",
        strangers / "photo.png",
        "--preset",
        strangers / "look.toml",
        "--model",
        strangers / "net",
    ]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, tmp_path / "seen.json", *words, "-o", tmp_path / "out" / "dream.png"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LUCIDREEL_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "dream.png").is_file()
    seen = json.loads((tmp_path / "seen.json").read_text())
    aside = [path for path in seen["writes"] if not allowed(Path(path), tmp_path)]
    assert (seen["connects"], aside) == ([], [])
    assert [program for program in seen["starts"] if "ffmpeg" not in program] == []
    assert any(path.startswith(str(tmp_path / "out")) for path in seen["writes"]), "no write was seen at all"


def allowed(path: Path, tmp_path: Path) -> bool:
    """Tell whether a path is the output, a passing file of the system's, or in a cache of compiled code."""
    passing = path.is_relative_to(tempfile.gettempdir()) and not path.is_relative_to(tmp_path)
    cache = "__pycache__" in path.parts or "numba" in str(path)
    told = path in (Path(os.devnull), tmp_path / "seen.json")
    return path.is_relative_to(tmp_path / "out") or passing or cache or told
