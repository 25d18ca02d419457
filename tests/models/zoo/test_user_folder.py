"""Where a user's networks lie, and that those of earlier versions are found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.zoo.user_folder import data_folder, models_folder

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there no variable says it all")


@pytest.fixture(autouse=True)
def _user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUCIDREEL_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.chdir(tmp_path)


def test_networks_lie_where_the_system_keeps_a_users_data(tmp_path: Path) -> None:
    assert models_folder() == platformdirs.user_data_path("lucidreel", appauthor=False) / "models"
    assert models_folder() == tmp_path / "user" / ".local" / "share" / "lucidreel" / "models"


def test_the_systems_own_variable_moves_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert data_folder() == tmp_path / "data" / "lucidreel"


def test_lucidreels_variable_is_the_folder_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"


def test_a_folder_of_an_earlier_version_goes_on_being_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions took a relative path, which the system's rules have one ignore."""
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert data_folder() == tmp_path / "user" / ".local" / "share" / "lucidreel"
    (tmp_path / "data" / "lucidreel").mkdir(parents=True)
    assert data_folder().resolve() == tmp_path / "data" / "lucidreel"


@pytest.mark.parametrize(
    ("platform", "variable", "earlier"),
    [
        ("darwin", "HOME", "Library/Application Support/lucidreel"),
        ("win32", "LOCALAPPDATA", "lucidreel"),
    ],
)
def test_so_it_does_on_other_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, earlier: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path / "there"))
    (tmp_path / "there" / earlier).mkdir(parents=True)
    assert data_folder() == tmp_path / "there" / earlier


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_user_without_a_home_is_told_of_the_variable() -> None:
    """In a process that becomes a user whom the system does not know, once everything is imported."""
    code = (
        "import os, platformdirs\n"
        "from lucidreel.models.zoo.user_folder import data_folder\n"
        "platformdirs.user_data_path()\n"
        "del os.environ['HOME']; os.setuid(54321); data_folder()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ModelFileError.__name__ in ended.stderr and "LUCIDREEL_HOME" in ended.stderr, ended.stderr
