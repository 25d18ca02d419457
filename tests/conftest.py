"""For every test: the shared folder of real networks, photos and clips, and how properties are searched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Threads that wait without spinning, as in the program itself (see cli.py); read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# How long an example takes says something about the machine's load, and nothing about the program.
settings.register_profile("lucidreel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lucidreel")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real material beside the repository (or named by LUCIDREEL_SHARED)."""
    named = os.environ.get("LUCIDREEL_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "conformance").is_dir():
        pytest.skip(f"the folder {folder} is absent: set LUCIDREEL_SHARED to test against real networks")
    return folder
