"""Compiled loops on the threads that convolutions run on, and on others where these cannot be reached."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lucidreel.models.cpu.kernels.compiled import compiled, over_rows
from lucidreel.models.cpu.kernels.team import NO_TEAM, team_addresses

MANY = 1 << 20  # elements: enough for the work to be shared


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=["OpenMP's threads", "threads of our own"])
def threads_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run with PyTorch's team, and as on a system where it has none that is known."""
    team_addresses.cache_clear()
    if request.param == "threads of our own":
        monkeypatch.setattr(sys, "platform", "win32")
        assert team_addresses() == NO_TEAM
    elif team_addresses() == NO_TEAM:
        pytest.skip("PyTorch has no OpenMP here")
    monkeypatch.undo()
    yield
    team_addresses.cache_clear()


@compiled
def _count(counts: Any, by: Any, factors: tuple[int, int], first: int, last: int) -> None:
    for row in range(first, last):
        counts[row] += by * factors[0] + factors[1]


@compiled
def _take_all_memory(sizes: Any, first: int, last: int) -> None:
    for row in range(first, last):
        sizes[row] = np.empty(sizes[row], np.float64).sum()


@pytest.mark.usefixtures("threads_of")
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 1000])
def test_every_row_is_done_once(rows: int, threads: int) -> None:
    torch.set_num_threads(threads)
    counts = np.zeros(rows, np.float32)
    over_rows(_count, rows, MANY, counts, np.float32(2), (3, 4))
    assert (counts == 10).all()


@pytest.mark.usefixtures("threads_of")
def test_several_callers_at_once_have_their_own_work_done() -> None:
    def call(number: int) -> bool:
        torch.set_num_threads(1 + number % 3)
        counts = np.zeros(50 + number, np.float32)
        for _ in range(200):
            over_rows(_count, len(counts), MANY, counts, np.float32(number), (1, 0))
        return bool((counts == 200 * number).all())

    with ThreadPoolExecutor(6) as callers:
        assert all(callers.map(call, range(24)))


@pytest.mark.usefixtures("threads_of")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_loop_that_finds_no_memory_raises(threads: int) -> None:
    torch.set_num_threads(threads)
    sizes = np.array([1, 1 << 58])
    with pytest.raises(MemoryError):
        over_rows(_take_all_memory, len(sizes), MANY, sizes)


def test_another_process_finds_the_code_in_the_cache_unless_a_file_has_changed(tmp_path: Path) -> None:
    changed = (
        "from lucidreel.models.cpu.kernels import kept_code\n"
        "kept_code.stamps = lambda folder: ('vectors.py', 1.5, 1)\n"
    )
    program = (
        "import numpy as np\n"
        "from lucidreel.models.cpu.kernels.compiled import over_rows\n"
        "from lucidreel.models.cpu.kernels.quantize import round_to_levels\n"
        "picture, result = np.full((3, 64, 512), 0.3, np.float32), np.empty((3, 64, 512), np.float32)\n"
        "over_rows(round_to_levels, 64, picture.size, picture, np.float32(10), result)\n"
        "assert np.allclose(result, 0.3)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DEBUG_CACHE": "1"}
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for code in (program, program, changed + program)
    ]
    assert "data saved" in said[0]
    assert "data loaded" in said[1] and "data saved" not in said[1]
    assert "data saved" in said[2] and "data loaded" not in said[2]
