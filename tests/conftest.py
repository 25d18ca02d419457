"""For every test: the shared folder of real material, permissions that bind, how properties are searched."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lucidreel.models.torch_environment import prepare_environment

# Tests run beside other programs; read when torch is loaded.
prepare_environment(spins=0)

# How long an example takes says something about the machine's load, and nothing about the program.
settings.register_profile("lucidreel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lucidreel")


# Linux's capabilities(7): the form of the call, and the bits of the rights to read and write everything.
_CAPABILITY_VERSION_3 = 0x20080522
_MAY_READ_AND_WRITE_ALL = 0b110


@pytest.fixture
def bound_by_permissions() -> Iterator[None]:
    """Have permissions count for the superuser too, on this thread and those that it starts from now on."""
    if os.name != "posix" or os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("the superuser may write everywhere")
    libc, head = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    before, bound = ((ctypes.c_uint32 * 6)() for _ in range(2))
    assert libc.capget(head, before) == libc.capget(head, bound) == 0
    bound[0] &= ~_MAY_READ_AND_WRITE_ALL
    assert libc.capset(head, bound) == 0
    yield
    assert libc.capset(head, before) == 0


@pytest.fixture(scope="session", autouse=True)
def _hears_ctrl_c() -> None:
    """Hear Ctrl-C, as a program in the foreground does: a shell's background jobs are started deaf to it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real material beside the repository (or named by LUCIDREEL_SHARED)."""
    named = os.environ.get("LUCIDREEL_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "conformance").is_dir():
        pytest.skip(f"the folder {folder} is absent: set LUCIDREEL_SHARED to test against real networks")
    return folder
