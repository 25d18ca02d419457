"""The file that runs under another Python is one that it can run."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

import lucidreel.models.pycaffe.process as process
from lucidreel.models.pycaffe.worker import as_file

WORKER = Path(process.__file__).with_name("worker.py")


def test_it_is_python_3_6() -> None:
    ast.parse(WORKER.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_imports_nothing_but_python_numpy_and_caffe() -> None:
    of_python_3_6 = {"contextlib", "ctypes", "fcntl", "json", "mmap", "os", "select", "signal", "stat", "sys"}
    of_python_3_6 |= {"tempfile", "typing"}
    found: set[str] = set()
    for node in ast.walk(ast.parse(WORKER.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    assert found == of_python_3_6 | {"caffe", "numpy"}


@pytest.mark.parametrize("has_proc", [True, False])
def test_a_definition_is_a_file_while_caffe_reads_it(
    has_proc: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if not has_proc:
        monkeypatch.setattr(os.path, "exists", lambda path: False)
    elif not sys.platform.startswith("linux"):
        pytest.skip("no /proc")
    with as_file('name: "net"') as path:
        assert Path(path).read_text() == 'name: "net"'
        assert len(list(tmp_path.iterdir())) == (0 if has_proc else 1)
    assert list(tmp_path.iterdir()) == []
