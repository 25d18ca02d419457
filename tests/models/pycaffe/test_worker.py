"""The file that runs under another Python is one that it can run."""

from __future__ import annotations

import ast
from pathlib import Path

import lucidreel.models.pycaffe.process as process

WORKER = Path(process.__file__).with_name("worker.py")


def test_it_is_python_3_6() -> None:
    ast.parse(WORKER.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_imports_nothing_but_python_numpy_and_caffe() -> None:
    of_python_3_6 = {"ctypes", "fcntl", "json", "mmap", "os", "select", "signal", "stat", "sys", "typing"}
    found: set[str] = set()
    for node in ast.walk(ast.parse(WORKER.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    assert found == of_python_3_6 | {"caffe", "numpy"}
