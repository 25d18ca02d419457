"""Functions within compiled loops are a part of these, and may be called from Python as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lucidreel.models.cpu.kernels.compiled import compiled, over_rows

_PROGRAM = """
import numpy as np
from lucidreel.models.cpu.kernels.compiled import over_rows
from lucidreel.models.cpu.kernels.half_spectrum import _weigh
numbers, weights = np.ones((8, 16), np.float32), np.ones((8, 9), np.float32)
over_rows(_weigh, 5, 1, numbers, weights, np.zeros(8, np.float32), np.ones(8, np.float32))
"""


@compiled
def _third(number: Any) -> Any:
    return number / np.float32(3)


@compiled
def _ninth(number: Any) -> Any:
    return _third(_third(number))


@compiled
def _fill(numbers: Any, result: Any, first: int, last: int) -> None:
    for row in range(first, last):
        result[row] = _ninth(numbers[row])


def test_a_function_gives_python_and_loops_the_same() -> None:
    numbers, result = np.arange(100, dtype=np.float32), np.zeros(100, np.float32)
    over_rows(_fill, 100, 1 << 20, numbers, result)
    assert [_ninth(number) for number in numbers] == list(result)
    assert result[90] == 10


def test_only_the_outermost_function_is_kept(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, check=True)
    kept = [file.name.split("-")[0] for file in tmp_path.rglob("*.nbc")]
    assert kept == ["half_spectrum._weigh_shared_out"]
