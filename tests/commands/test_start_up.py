"""A still loads what it dreams with and nothing else: half of what it used to import was never called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_RUNNER = """
import json, sys
from lucidreel.cli import run
code = run(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""

UNUSED = (
    "av",
    "cv2",
    "lucidreel.render.film.film",
    "numba.np.linalg",
    "requests",
    "rich",
    "scenedetect",
    "scipy.fft",
    "scipy.linalg",
    "sympy",
    "torch._dynamo",
    "torch._inductor",
    "torch.fx.experimental.symbolic_shapes",
)
"""What films need, what compiles loops that are not kept yet, and PyTorch's compiler."""


def _modules(*words: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", _RUNNER, *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def _still(output: Path, *flags: str) -> set[str]:
    words = ("still", "noise:64x64", "-o", str(output), "--octaves", "1", "--iterations", "1", "-y", *flags)
    _modules(*words)  # compiles what is not kept yet
    return _modules(*words)


def test_a_still_of_the_bestiary_imports_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    modules = _still(tmp_path / "o.png")
    assert {"torch", "numba", "lucidreel.dream.engine"} <= modules
    assert modules & set(UNUSED) == set()


@pytest.mark.parametrize("flags", [("--class", "jellyfish"), ("--layer", "fire8/concat")])
def test_a_still_of_squeezenet_imports_nothing_that_it_does_not_use(
    flags: tuple[str, str], shared: Path, tmp_path: Path
) -> None:
    modules = _still(tmp_path / "o.png", "--model", str(shared / "models" / "squeezenet_v1.0"), *flags)
    assert modules & set(UNUSED) == set()


def test_the_names_are_those_of_modules_that_there_are() -> None:
    """A module that was renamed would never be found unused."""
    program = f"import importlib.util as u; print([n for n in {UNUSED!r} if u.find_spec(n) is None])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
