"""Another Python that is not what it should be, hangs or dies is told in words, and never left behind.

Where a fault is wanted that real Caffe does not have on demand, a small module of its name has it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import psutil
import pytest
import torch

import lucidreel.models.pycaffe.process as process_module
from lucidreel.errors import BackendError
from lucidreel.models.pycaffe.process import CaffeProcess
from lucidreel.models.pycaffe.running_caffe import RunningCaffe

HERE = Path(sys.executable)
CAFFE = """
import os, sys, time
TEST = 1
def set_mode_cpu(): pass
def set_mode_gpu(): pass
def set_device(number): pass
def layer_type_list(): return ["Bias", "Convolution", "Input", "Reshape"]
"""
DIES = """
def Net(definition, phase):
    sys.stderr.write("F1130 10:00:00.123456  4711 net.cpp:314] Check failed: target == source (3 vs. 4)\\n")
    sys.stderr.write("*** Check failure stack trace: ***\\n    @     0x7f  google::LogMessage::Fail()\\n")
    sys.stderr.flush()
    os.abort()
"""

MakeCaffe = Callable[[str], None]


@pytest.fixture
def made_caffe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeCaffe:
    """Give this Python a module `caffe` of some text."""

    def make(text: str) -> None:
        (tmp_path / "caffe.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return make


def start(python: Path = HERE, start_s: float = 60.0) -> CaffeProcess:
    return CaffeProcess(python, threads=1, start_s=start_s)


def is_gone(pid: int) -> bool:
    """Tell whether a process ends within seconds; one that nobody waits for is a zombie."""
    for _ in range(500):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_python_without_caffe_is_told() -> None:
    with pytest.raises(
        BackendError, match=r"has no Caffe that can be used: .*No module named 'caffe'"
    ) as caught:
        start()
    assert "docs/caffe.md" in str(caught.value)


def test_another_module_of_that_name_is_told(made_caffe: MakeCaffe) -> None:
    made_caffe("version = 3")
    with pytest.raises(
        BackendError, match=r"the caffe at \S+caffe.py has no Net, TEST, .*: it is not pycaffe"
    ):
        start()


@pytest.mark.skipif(os.name != "posix", reason="other programs")
def test_a_program_that_is_no_python_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"true ended before it had loaded Caffe \(exit code 0\)"):
        start(Path("/bin/true"))
    (tmp_path / "python").write_bytes(b"\x7fELF")
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(BackendError, match="python: cannot be started: Exec format error"):
        start(tmp_path / "python")


@pytest.mark.skipif(os.name != "posix", reason="a shell's script")
def test_a_program_that_talks_without_end_is_given_up(tmp_path: Path) -> None:
    talks = tmp_path / "python"
    talks.write_text("#!/bin/sh\nexec yes hello\n")
    talks.chmod(0o755)
    with pytest.raises(BackendError, match=r"not loaded Caffe for 0.5 seconds, .* Its last words: hello"):
        start(talks, 0.5)


@pytest.mark.skipif(os.name != "posix", reason="a shell's script")
def test_python_2_is_told(tmp_path: Path) -> None:
    old = tmp_path / "python2"
    old.write_text("#!/bin/sh\necho '  File worker.py' >&2\necho 'SyntaxError: invalid syntax' >&2\nexit 1\n")
    old.chmod(0o755)
    with pytest.raises(BackendError, match=r"python2: no Python 3.6 or newer"):
        start(old)


def test_a_caffe_that_does_not_come_up_is_given_up(made_caffe: MakeCaffe) -> None:
    made_caffe("import time; time.sleep(1000)")
    with pytest.raises(BackendError, match="has not loaded Caffe for 1 seconds, and was ended"):
        start(start_s=1.0)


def test_a_part_of_another_version_is_told(made_caffe: MakeCaffe, monkeypatch: pytest.MonkeyPatch) -> None:
    made_caffe(CAFFE + "Net = None")
    monkeypatch.setattr(process_module, "PROTOCOL", 99)
    with pytest.raises(BackendError, match="speaks protocol 1, and this one 99"):
        start()


def test_a_caffe_from_before_1_0_is_told(made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE.replace('"Bias", ', "") + "Net = None")
    with pytest.raises(BackendError, match=r"has no layers of the type Bias: it is older than 1.0"):
        RunningCaffe(HERE)


def test_what_caffe_prints_does_not_get_among_the_answers(made_caffe: MakeCaffe) -> None:
    noise = "print('{\"id\": 1}', flush=True)\nos.system('echo {}')\n"
    made_caffe(
        CAFFE
        + noise
        + f"def Net(definition, phase):\n    {noise.splitlines()[0]}\n    raise OSError('no net')"
    )
    process = start()
    with pytest.raises(BackendError, match="OSError: no net"):
        process.ask("build", 60, definition="", like=None, weights=[], net=1)
    assert process.ask("drop", 60, nets=[1])["id"] == 2
    process.close()


def test_what_a_wrapper_prints_first_is_passed_over(tmp_path: Path, made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE + "Net = None")
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\necho Activating\n"{HERE}" "$@"\n')
    wrapper.chmod(0o755)
    process = start(wrapper)
    assert process.facts.types == {"Bias", "Convolution", "Input", "Reshape"}
    inner = psutil.Process(process.pid).children()
    process.close()
    assert inner
    assert all(is_gone(each.pid) for each in inner)


@pytest.mark.skipif(os.name != "posix", reason="a shell's script")
def test_a_wrapper_that_hands_on_no_lifeline_will_do(tmp_path: Path, made_caffe: MakeCaffe) -> None:
    """As what runs a program in a container does."""
    made_caffe(CAFFE + "Net = None")
    wrapper = tmp_path / "in-a-container"
    closing = " ".join(f"{number}>&-" for number in range(3, 10))
    wrapper.write_text(f'#!/bin/sh\nexec "{HERE}" "$1" 3 "$3" {closing}\n')
    wrapper.chmod(0o755)
    process = start(wrapper)
    assert process.facts.python
    process.close()


def test_a_file_that_the_other_side_cannot_see_is_told(made_caffe: MakeCaffe, tmp_path: Path) -> None:
    made_caffe(CAFFE + "Net = None")
    process = start()
    with pytest.raises(BackendError, match=r"No such file .* mount it where Caffe is in a container"):
        process.ask("memory", 60, path=str(tmp_path / "nowhere"), bytes=64)
    process.close()


def test_a_silence_that_lasts_too_long_ends_it(made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE + "def Net(definition, phase): time.sleep(1000)")
    process = start()
    with pytest.raises(BackendError, match=r"has not answered for 0.5 seconds, and was ended"):
        process.ask("build", 0.5, definition="", like=None, weights=[], net=1)
    assert not process.alive
    assert is_gone(process.pid)


def test_caffes_last_words_are_in_the_error(made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE + DIES)
    process = start()
    with pytest.raises(BackendError) as caught:
        process.ask("build", 60, definition="", like=None, weights=[], net=1)
    assert "ended at work (SIGABRT)" in str(caught.value)
    assert str(caught.value).endswith("words: Check failed: target == source (3 vs. 4) (net.cpp:314)")


def test_a_caffe_without_memory_is_told_as_pytorch_tells_it(made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE + "def Net(definition, phase): raise MemoryError")
    process = start()
    with pytest.raises(torch.OutOfMemoryError, match="Caffe cannot allocate the memory"):
        process.ask("build", 60, definition="", like=None, weights=[], net=1)
    assert process.alive
    process.close()
    made_caffe(
        CAFFE + DIES.replace("target == source (3 vs. 4)", "error == cudaSuccess (2 vs. 0)  out of memory")
    )
    with pytest.raises(torch.OutOfMemoryError, match="out of memory"):
        start().ask("build", 60, definition="", like=None, weights=[], net=1)


def test_one_that_was_killed_is_told_and_the_next_request_starts_another(made_caffe: MakeCaffe) -> None:
    made_caffe(CAFFE + "Net = None")
    caffe = RunningCaffe(HERE)
    first = caffe.process
    psutil.Process(first.pid).kill()
    with pytest.raises(BackendError, match=r"ended at work \(SIGKILL\)"):
        caffe.ask("drop", nets=[])
    caffe.revive()
    assert caffe.process.pid != first.pid
    assert caffe.ask("drop", nets=[])
    caffe.close()


@pytest.mark.skipif(os.name != "posix", reason="an alarm")
def test_a_wait_that_is_interrupted_ends_it(made_caffe: MakeCaffe) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    made_caffe(CAFFE + "def Net(definition, phase): time.sleep(1000)")
    process = start()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            process.ask("build", 60, definition="", like=None, weights=[], net=1)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert is_gone(process.pid)


PARENT = """
import sys
from pathlib import Path
from lucidreel.models.pycaffe.process import CaffeProcess
process = CaffeProcess(Path(sys.executable), threads=1)
print(process.pid, flush=True)
if sys.argv[1] == "at work":
    process.ask("build", 60, definition="", like=None, weights=[], net=1)
elif sys.argv[1] == "idle":
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["at work", "idle", "ends by itself"])
def test_none_outlives_the_program_that_started_it(made_caffe: MakeCaffe, how: str) -> None:
    # A loop in C holds Python's lock, as Caffe does while it computes.
    made_caffe(CAFFE + "def Net(definition, phase): sum(iter(int, 1))")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    if how != "ends by itself":
        time.sleep(0.3)
        parent.kill()
    parent.communicate()
    assert is_gone(pid)
