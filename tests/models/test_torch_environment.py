"""How PyTorch's threads wait is set before it is loaded, unless somebody has set it already."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = "from lucidreel.models.torch_environment import prepare_environment as p; p(); import torch"


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
