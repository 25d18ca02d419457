"""The flag says which Python has Caffe, or the environment, or it is this one; else it is told what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lucidreel.errors import BackendError
from lucidreel.models.pycaffe.find_python import VARIABLE, find_caffe_python


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_the_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    assert find_caffe_python(sys.executable) == Path(sys.executable)
    with pytest.raises(BackendError, match=f"{VARIABLE} '.*nowhere': there is no such program"):
        find_caffe_python()


def test_a_command_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert find_caffe_python(Path(sys.executable).name) == Path(sys.executable)


def test_a_folder_and_a_file_that_cannot_be_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"a folder. Name the Python in it, such as .*bin/python"):
        find_caffe_python(tmp_path)
    (tmp_path / "python").write_text("")
    with pytest.raises(BackendError, match=r"--caffe-python '.*python': cannot be run"):
        find_caffe_python(tmp_path / "python")


def test_a_link_stays_as_it_is_given(tmp_path: Path) -> None:
    """Behind its link, the Python of a virtual environment is another."""
    (tmp_path / "python").symlink_to(sys.executable)
    assert find_caffe_python(tmp_path / "python") == tmp_path / "python"


def test_this_python_is_taken_where_it_has_caffe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=f"--caffe-python or in {VARIABLE}. docs/caffe.md says"):
        find_caffe_python()
    (tmp_path / "caffe.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_caffe_python() == Path(sys.executable)
