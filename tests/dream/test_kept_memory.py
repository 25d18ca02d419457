"""Memory that is let go stays with the process; told by processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lucidreel.dream.memory import keep_freed_memory

LEFT = """
import psutil, torch
from lucidreel.dream.memory import keep_freed_memory
if {keep}: assert keep_freed_memory()
def resident(): return psutil.Process().memory_info().rss // 2**20
before = resident()
pieces = [torch.ones(2**22) for _ in range(16)]
assert resident() > before + 200
del pieces
print(resident() - before)
"""


def left_mib(keep: bool) -> int:
    command = [sys.executable, "-c", LEFT.format(keep=keep)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(not keep_freed_memory(), reason="not the GNU C library")
def test_sixteen_pieces_of_16_mib_stay_after_they_are_let_go() -> None:
    assert left_mib(keep=True) > 200
    assert left_mib(keep=False) < 50
