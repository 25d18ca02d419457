"""What gets installed is the tree, all of it and nothing else, under the one name lucidreel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import lucidreel

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "nebula.mp4"
PACKAGES = ("api", "commands", "dream", "models", "presets", "render")


@pytest.fixture(scope="module")
def installed_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The wheel's listing, built from a copy of the tree so that no stale build folder has a say."""
    pytest.importorskip(
        "setuptools", reason="the wheel is built without a network, so setuptools must be here"
    )
    copy = tmp_path_factory.mktemp("build") / "a checkout with spaces"
    copy.mkdir()
    for path in [
        *ROOT.glob("*.py"),
        *(ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE", "py.typed")),
    ]:
        shutil.copy(path, copy)
    (copy / "examples").mkdir()
    shutil.copy(SAMPLE, copy / "examples")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        "out",
        ".",
    ]
    built = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = (copy / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    return {name for name in names if not name.split("/")[0].endswith(".dist-info")}


def tree_files() -> set[str]:
    """Every file of the program: sources, presets, files of networks, the sample clip."""
    found = {*ROOT.glob("*.py"), ROOT / "py.typed", SAMPLE}
    for package in PACKAGES:
        found |= set((ROOT / package).rglob("*.py"))
    found |= {*(ROOT / "presets").glob("*.toml"), *(ROOT / "models").glob("*/network/*")}
    found |= set((ROOT / "models" / "zoo" / "networks").glob("*.toml"))
    return {f"lucidreel/{path.relative_to(ROOT).as_posix()}" for path in found}


def test_the_wheel_holds_exactly_the_tree(installed_files: set[str]) -> None:
    assert installed_files == tree_files()


def test_every_package_folder_is_declared() -> None:
    declared = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    )
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    there = {".".join(("lucidreel", *folder.relative_to(ROOT).parts)) for folder in folders}
    assert declared == {"lucidreel", *there}


def test_every_folder_of_sources_says_what_it_is() -> None:
    for package in PACKAGES:
        for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
            assert (folder / "__init__.py").read_text(encoding="utf-8").startswith('"""'), folder


def test_the_version_is_told_once_and_is_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{lucidreel.__version__}]" in changelog
