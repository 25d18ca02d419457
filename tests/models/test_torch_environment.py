"""What PyTorch reads from the environment is set before it is loaded, unless somebody has set it already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from lucidreel.models.torch_environment import prepare_environment as p; p(); import torch"
ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def told_by_openmp(**environment: str) -> list[str]:
    """Return what OpenMP says of itself in a process that prepares its environment and loads PyTorch."""
    inherited = {
        key: text for key, text in os.environ.items() if key not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    }
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**inherited, "OMP_DISPLAY_ENV": "VERBOSE", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    if "GOMP_SPINCOUNT" not in ended.stderr:
        pytest.skip("PyTorch has another OpenMP here than GNU's")
    return ended.stderr.replace("[host] ", "").replace("'", "").split("\n")


def test_threads_spin_shortly_before_they_sleep() -> None:
    said = [line.strip() for line in told_by_openmp()]
    assert "OMP_WAIT_POLICY = PASSIVE" in said and "GOMP_SPINCOUNT = 20000" in said


@pytest.mark.parametrize(("name", "value"), [("OMP_WAIT_POLICY", "ACTIVE"), ("GOMP_SPINCOUNT", "7")])
def test_what_somebody_has_set_is_left_alone(name: str, value: str) -> None:
    said = [line.strip() for line in told_by_openmp(**{name: value})]
    assert f"{name} = {value}" in said and "GOMP_SPINCOUNT = 20000" not in said


def huge_pages_of_a_large_tensor(**environment: str) -> bool:
    """Tell whether a tensor of 64 MiB has huge pages in a process that prepares its environment."""
    inherited = {key: text for key, text in os.environ.items() if key != "THP_MEM_ALLOC_ENABLE"}
    asks = f"{PROGRAM}; t = torch.ones(1 << 24); print(open('/proc/self/smaps_rollup').read())"
    ended = subprocess.run(
        [sys.executable, "-c", asks],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in ended.stdout.splitlines() if line.startswith("AnonHugePages:"))
    return int(line.split()[1]) >= 32 * 1024


@pytest.mark.skipif(
    not ENABLED.exists() or "[madvise]" not in ENABLED.read_text(),
    reason="this system does not give huge pages to those who ask for them",
)
def test_large_tensors_lie_in_huge_pages_unless_somebody_does_not_want_them() -> None:
    assert huge_pages_of_a_large_tensor()
    assert not huge_pages_of_a_large_tensor(THP_MEM_ALLOC_ENABLE="0")
