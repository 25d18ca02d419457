"""The layers hold: imports point downwards, reach for public names only, and the program starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORDER = ("errors", "models", "dream", "render", "presets", "commands", "cli")
# The package's version is everyone's to read.
BELOW_ALL = "lucidreel"
HEAVY = ("torch", "cv2", "av", "scipy", "numpy", "PIL", "imageio", "imageio_ffmpeg")


@dataclass(frozen=True)
class Import:
    """One imported name, and where it stands."""

    path: Path
    line: int
    module: tuple[str, ...]
    name: str

    @property
    def layer(self) -> str:
        return self.module[0] if self.module else (self.name if self.name in ORDER else BELOW_ALL)

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.name} from {'.'.join(self.module)}"


def program_files() -> list[Path]:
    folders = [layer for layer in ORDER if (ROOT / layer).is_dir()]
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")) + sorted(
        ROOT.glob("*.py")
    )


def own_imports(path: Path) -> Iterator[Import]:
    """Yield every import of this package's own modules, as paths from the package's root."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - node.level + 1]
                module = (*base, *(node.module or "").split(".")) if node.module else base
            elif (node.module or "").split(".")[0] == "lucidreel":
                module = tuple((node.module or "").split("."))[1:]
            else:
                continue
            for alias in node.names:
                yield Import(path, node.lineno, module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == "lucidreel":
                    yield Import(path, node.lineno, tuple(rest), first)


def layer_of(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return BELOW_ALL if part == "__init__" else part


def test_every_program_file_belongs_to_a_layer() -> None:
    assert {layer_of(path) for path in program_files()} == {*ORDER, BELOW_ALL}


def test_imports_point_to_the_same_layer_or_below() -> None:
    rank = {BELOW_ALL: -1, **{layer: index for index, layer in enumerate(ORDER)}}
    found = [found for path in program_files() for found in own_imports(path)]
    assert len(found) > 50, "the imports were not found at all"
    upward = [str(one) for one in found if rank[one.layer] > rank[layer_of(one.path)]]
    assert upward == []


def test_no_private_name_crosses_a_module() -> None:
    private = [
        str(one)
        for path in program_files()
        for one in own_imports(path)
        if any(part.startswith("_") and not part.startswith("__") for part in (*one.module, one.name))
    ]
    assert private == []


def test_only_commands_and_cli_print() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in program_files()
        if layer_of(path) not in ("commands", "cli")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["render", "--help"], ["models", "list", "--help"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from lucidreel.cli import run; code = run(sys.argv[1:]); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (0, "[]")


def test_what_is_wrong_with_a_clip_is_found_before_torch_is_loaded() -> None:
    code = "import sys, lucidreel.render.film; print('torch' in sys.modules, 'numba' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "False"]
