"""Every dependency is used, has its reason, and is pinned; nothing else is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("cli.py", "errors.py", "__init__.py", "api", "commands", "dream", "models", "presets", "render")
# What is imported under another name than it is installed under.
INSTALLED_AS = {
    "PIL": "pillow",
    "annotated_types": "annotated-types",
    "cv2": "opencv-python-headless",
    "google": "protobuf",
    "huggingface_hub": "huggingface-hub",
    "imageio_ffmpeg": "imageio-ffmpeg",
    "pydantic_core": "pydantic",  # its own other half, in the one version that it wants
    "scenedetect": "scenedetect-headless",
    "tomli_w": "tomli-w",
}


def project() -> dict[str, list[str]]:
    """The names of the runtime ("run") dependencies, and of those in each extra ("dev"), lower case."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"run": told["dependencies"], **told["optional-dependencies"]}
    return {
        group: [re.split(r"[><=!~\[ ]", word)[0].lower() for word in words] for group, words in groups.items()
    }


def imported() -> set[str]:
    """The installed names of all packages that the program imports and that are not Python's own."""
    found: set[str] = set()
    files = [
        path
        for name in PROGRAM
        for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
    ]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").split(".")[0])
    outside = found - set(sys.stdlib_module_names) - {"lucidreel"}
    return {INSTALLED_AS.get(name, name).lower() for name in outside}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    groups = project()
    extras = {*groups["onnx"], *groups["timm"], "caffe"}  # which another Python imports
    assert imported() - extras == set(groups["run"])


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    names = [name for group in project().values() for name in group]
    assert [name for name in names if f"| `{name}` |" not in reasons] == []


def test_every_dependency_is_pinned_for_a_reproducible_install() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    names = {name for group in project().values() for name in group}
    assert names <= pinned
