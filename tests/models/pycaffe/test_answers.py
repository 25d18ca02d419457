"""A process that is none of ours may say anything: it ends in one error, and is ended."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from lucidreel.errors import BackendError
from lucidreel.models.pycaffe.process import PROTOCOL, CaffeProcess

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the process is a shell's")

GREETING = json.dumps(
    {"protocol": PROTOCOL, "python": "3.9.2", "numpy": "1.19.5", "caffe": "1.0.0", "types": ["ReLU"]}
)


def saying(words: str, folder: Path) -> CaffeProcess:
    """Start a process that says this, whatever it is asked."""
    program = folder / "python"
    (folder / "said").write_text(words, encoding="utf-8")
    program.write_text(f"#!/bin/sh\nexec cat {shlex.quote(str(folder / 'said'))}\n", encoding="utf-8")
    program.chmod(0o755)
    return CaffeProcess(program, threads=1, start_s=30)


@pytest.mark.parametrize(
    "words", ['{"protocol": 1}', '{"protocol": 1, "python": 3, "numpy": null, "caffe": [], "types": 7}']
)
def test_a_greeting_without_facts_is_told(words: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="does not tell which Caffe it has"):
        saying(f"{words}\n", tmp_path)


@pytest.mark.parametrize("words", ["[" * 100_000, "{" * 100_000, "9" * 10_000, "\0\x1b[31m", '{"id": 2}'])
def test_lines_that_are_no_answer_are_its_last_words(words: str, tmp_path: Path) -> None:
    process = saying(f"{GREETING}\n{words}\n", tmp_path)
    with pytest.raises(BackendError, match="ended at work"):
        process.ask("forward", 30)
    assert not process.alive
