"""Compiled loops that are kept load without the compiler, and give the same beside others that are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from lucidreel.models.cpu.kernels.kept_code import load_without_compiler

_PROGRAM = """
import sys
import numpy as np
from lucidreel.models.cpu.kernels.compiled import over_rows
from lucidreel.models.cpu.kernels.quantize import round_to_levels
picture, result = np.full((3, 64, 512), 0.3, np.float32), np.empty((3, 64, 512), np.float32)
over_rows(round_to_levels, 64, picture.size, picture, np.float32(10), result)
print("numba.np.linalg" in sys.modules, np.allclose(result, 0.3))
wide = picture.astype(np.float64)  # another type, which is not kept yet
over_rows(round_to_levels, 64, picture.size, wide, np.float64(10), result)
print("numba.np.linalg" in sys.modules, np.allclose(result, 0.3))
"""


def _printed(cache: Path) -> list[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return ended.stdout.split("\n")


def test_kept_loops_load_without_the_compiler_until_one_is_not_kept(tmp_path: Path) -> None:
    assert _printed(tmp_path)[1] == "True True"
    assert _printed(tmp_path)[:2] == ["False True", "False True"]
    for second in list(tmp_path.rglob("*round_to_levels*.2.nbc")):
        second.unlink()
    assert _printed(tmp_path)[:2] == ["False True", "True True"]


def test_a_numba_of_other_names_does_as_it_pleases() -> None:
    loop = SimpleNamespace(_cache=SimpleNamespace(load_overload=print))
    load_without_compiler(loop)
    assert loop._cache.load_overload is print
    load_without_compiler(SimpleNamespace())
