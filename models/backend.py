"""What runs a network: PyTorch, or a real Caffe under a Python of its own (docs/caffe.md)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ..errors import ConfigError, ModelFileError

BackendName: TypeAlias = Literal["torch", "pycaffe"]


@dataclass(frozen=True)
class Backend:
    """A choice of what runs networks; `caffe_python` is the Python of a real Caffe, None finds one."""

    name: BackendName = "torch"
    caffe_python: str | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for a name that is none: Python programs may give any."""
        known = get_args(BackendName)
        if self.name not in known:
            raise ConfigError(f"There is no backend {self.name!r}: say {' or '.join(map(repr, known))}.")


TORCH = Backend()


def refuse_caffe(backend: BackendName, name: str, what_it_is: str) -> None:
    """Raise ModelFileError where a network that PyTorch alone can run is to run in a real Caffe."""
    if backend == "pycaffe":
        raise ModelFileError(
            f"Network {name!r} runs in PyTorch alone: {what_it_is}. Leave the backend pycaffe out, or name a "
            "network of Caffe's files."
        )


def python_in_full(word: str) -> str:
    """Return a program's path in full, seen from the current folder; a name alone stays as it is.

    Links stay too: behind its link, the Python of a virtual environment is another.
    """
    if Path(word).name == word and word != "~":
        return word
    return os.path.abspath(Path(word).expanduser())  # noqa: PTH100
