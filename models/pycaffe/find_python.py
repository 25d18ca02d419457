"""Which Python has Caffe: the one that is given, the one that the environment names, or this one."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from ...errors import BackendError

VARIABLE = "LUCIDREEL_CAFFE_PYTHON"
HOW_TO = "docs/caffe.md says how to get one."


def find_caffe_python(given: Path | str | None = None) -> Path:
    """Return the Python under which Caffe is to run; nothing is started.

    That is `given`, a path or a command's name; or what LUCIDREEL_CAFFE_PYTHON names; or the Python that runs
    this, if it has a module `caffe`. Raises BackendError where there is none, or no such file.
    """
    said = str(given) if given is not None else os.environ.get(VARIABLE, "")
    if said:
        return _program(said, "--caffe-python" if given is not None else VARIABLE)
    if find_spec("caffe") is not None:
        return Path(sys.executable)
    raise BackendError(
        f"No Caffe was found: {sys.executable} has no module caffe, and no other Python is named. Name the "
        f"one that has it with --caffe-python or in {VARIABLE}. {HOW_TO}"
    )


def _program(said: str, where: str) -> Path:
    """Return the path of a program that somebody named `where`."""
    if Path(said).is_dir():
        raise BackendError(
            f"{where} {said!r}: a folder. Name the Python in it, such as {Path(said, 'bin/python')}."
        )
    found = shutil.which(Path(said).expanduser())
    if found is None:
        what = "cannot be run" if Path(said).exists() else "there is no such program"
        raise BackendError(f"{where} {said!r}: {what}. Name the Python that has the module caffe. {HOW_TO}")
    return Path(found).absolute()
