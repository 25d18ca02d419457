"""What the process says that real Caffe runs in: anything may come from a Python that is none of ours.

The process is a shell that writes the file out, so this takes milliseconds for each.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import torch

from lucidreel.benchmarks.fuzz.mutation import of_words
from lucidreel.benchmarks.fuzz.target import Target
from lucidreel.models.pycaffe.process import PROTOCOL, CaffeProcess

_FACTS = {"protocol": PROTOCOL, "python": "3.9.2", "numpy": "1.19.5", "caffe": "1.0.0", "types": ["ReLU"]}
_GREETING = json.dumps(_FACTS).encode() + b"\n"
_PATIENCE_S = 5.0


def _saying(data: bytes, folder: Path) -> CaffeProcess:
    """Start a process that says this, whatever it is asked."""
    said, program = folder / "said", folder / "python"
    said.write_bytes(data)
    program.write_text(f"#!/bin/sh\nexec cat {shlex.quote(str(said))}\n", encoding="utf-8")
    program.chmod(0o755)
    return CaffeProcess(program, threads=1, start_s=_PATIENCE_S)


def _greet(data: bytes, folder: Path) -> None:
    _saying(data, folder).close()


def _answer(data: bytes, folder: Path) -> None:
    process = _saying(_GREETING + data, folder)
    try:
        process.ask("forward", _PATIENCE_S)
    finally:
        process.close()


TARGETS = {
    "caffe_greeting": Target(
        "the first words of a Python that should have Caffe",
        _greet,
        lambda: [_GREETING, b"hello\n" + _GREETING, b'{"protocol": 1, "error": "no module caffe"}\n'],
        of_words,
        raises=(torch.OutOfMemoryError,),
    ),
    "caffe_answer": Target(
        "an answer of real Caffe",
        _answer,
        lambda: [b'{"id": 1}\n', b'{"id": 1, "error": "Check failed"}\n', b'{"id": 1, "memory": true}\n'],
        of_words,
        raises=(torch.OutOfMemoryError,),
    ),
}
