"""The layers hold: imports point downwards, reach for public names only, and the program starts light."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from .import_graph import BELOW_ALL, ORDER, ROOT, circle_in, layer_of, own_imports, program_files, rooms_of

HEAVY = ("torch", "cv2", "av", "scipy", "numpy", "PIL", "imageio", "imageio_ffmpeg")


def test_every_program_file_belongs_to_a_layer() -> None:
    assert {layer_of(path) for path in program_files()} == {*ORDER, BELOW_ALL}


def test_imports_point_to_the_same_layer_or_below() -> None:
    rank = {BELOW_ALL: -1, **{layer: index for index, layer in enumerate(ORDER)}}
    face = ROOT / "__init__.py"  # names what all layers offer, and imports it when it is asked for
    found = [found for path in program_files() if path != face for found in own_imports(path)]
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


@pytest.mark.parametrize("layer", [layer for layer in ORDER if (ROOT / layer).is_dir()])
def test_no_rooms_of_a_layer_import_each_other_in_a_circle(layer: str) -> None:
    """A room that is in a circle cannot be read, tested or replaced by itself."""
    arrows = rooms_of(layer)
    assert sum(map(len, arrows.values())) > 0 or layer == "presets", "the rooms were not found at all"
    assert circle_in(arrows) == []


def test_circles_are_found_across_several_rooms() -> None:
    assert circle_in({"a": {"b"}, "b": set(), "c": {"a", "b"}}) == []
    assert set(circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


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
    code = "import sys, lucidreel.render.film.film; print('torch' in sys.modules, 'numba' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "False"]
