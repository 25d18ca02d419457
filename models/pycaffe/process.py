"""The process that real Caffe runs in: started, talked to line by line, and never left behind.

The other side is worker.py, whose first lines say how the two talk. Whatever ends this program ends that
process: `close`, the end of Python, a crash, SIGKILL (the lifeline). Whatever ends that process is an error
here, with Caffe's own last words. It is in a session of its own, so that Ctrl-C comes to this program alone.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from ...errors import BackendError, cut
from .find_python import HOW_TO

PROTOCOL = 1
START_S = 120.0
"""How long a Python may take to load Caffe, from a slow disk."""
_END_S = 5.0
_WORKER = Path(__file__).with_name("worker.py")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_NOT_ITS_OWN = ("PYTHONHOME", "__PYVENV_LAUNCHER__")
_FATAL = re.compile(r"^F\d{4,8} \S+\s+\d+ (?P<place>[^\]]+)\] (?P<words>.*)$")
_TAIL_LINES, _LONGEST_LINE = 40, 2**20


@dataclass(frozen=True)
class CaffeFacts:
    """What a process says of itself."""

    python: str
    numpy: str
    caffe: str
    """Its version, "1.0.0"; empty where it has none."""
    types: frozenset[str]
    """The layer types that it has."""


class CaffeProcess:
    """Real Caffe in a process of its own. Not for several threads at once."""

    def __init__(
        self, python: Path, gpu: int | None = None, threads: int | None = None, start_s: float = START_S
    ) -> None:
        """Start it: on a GPU by its number, or on `threads` of the CPU.

        Raises BackendError where it does not come up within `start_s` seconds, with the reason.
        """
        self.python, self.gpu = python, gpu
        self._number = 0
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=_TAIL_LINES)
        self._process, lifeline = _started(python, gpu, threads)
        readers = [
            _reading(self._process.stdout, self._last_lines, self._answers),
            _reading(self._process.stderr, self._last_lines),
        ]
        self._end = weakref.finalize(self, _end, self._process, lifeline, readers)
        self._readers = readers
        try:
            self.facts = self._greeted(start_s)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The process's number; of a wrapper, if it was started by one."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked for anything."""
        return bool(self._end.alive)

    def ask(self, do: str, timeout_s: float, **values: Any) -> dict[str, Any]:
        """Send a request, and return the answer.

        Raises BackendError where the process has died, says why it cannot, or is silent for `timeout_s`; and
        torch.OutOfMemoryError where it has no memory. Whatever cuts the wait short ends the process, since
        nobody would read the answer.
        """
        self._number += 1
        line = json.dumps({"id": self._number, "do": do, **values}).encode("ascii") + b"\n"
        try:
            assert self._process.stdin is not None
            with suppress(OSError):  # it has ended, which reading tells
                self._process.stdin.write(line)
                self._process.stdin.flush()
            answer = self._answer(timeout_s)
        except BaseException:
            self.close()
            raise
        if answer.get("memory"):
            raise _without_memory(do)
        if "error" in answer:
            raise BackendError(f"Caffe under {self.python} cannot do this ({do}): {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process, if it has not ended."""
        self._end()

    def _greeted(self, start_s: float) -> CaffeFacts:
        """Wait for the first line. What a wrapper of somebody's own prints before it is passed over."""
        answer = self._answer(start_s, starting=True)
        if answer.get("protocol") != PROTOCOL:
            raise BackendError(
                f"{self.python}: its side speaks protocol {answer.get('protocol')}, and this one {PROTOCOL}. "
                "Parts of two versions of lucidreel are mixed; install it again."
            )
        if "error" in answer:
            raise BackendError(f"{self.python} has no Caffe that can be used: {answer['error']}. {HOW_TO}")
        try:
            python, numpy, caffe = (str(answer[name]) for name in ("python", "numpy", "caffe"))
            return CaffeFacts(python, numpy, caffe, frozenset(map(str, answer["types"])))
        except (KeyError, TypeError) as error:
            raise BackendError(
                f"{self.python}: its side does not tell which Caffe it has (no {error}). Is it the Python "
                f"that has the module caffe, or a program that prints the like? {HOW_TO}"
            ) from error

    def _answer(self, timeout_s: float, starting: bool = False) -> dict[str, Any]:
        end = time.monotonic() + timeout_s
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                last = _last_words(list(self._last_lines))
                raise BackendError(
                    f"{self.python} has not {'loaded Caffe' if starting else 'answered'} for {timeout_s:g} "
                    f"seconds, and was ended.{f' Its last words: {last}' if last else ''}"
                ) from None
            if answer is None:
                raise self._death(starting)
            if answer.get("id", 0) == (0 if starting else self._number):
                return answer

    def _death(self, starting: bool) -> Exception:
        """Return the error of a process that has ended by itself."""
        code = self._ended_with()
        last = _last_words(list(self._last_lines))
        if "out of memory" in last.lower() or "allocation" in last.lower():
            return _without_memory(last)
        if starting and "SyntaxError" in last:
            return BackendError(f"{self.python}: no Python 3.6 or newer ({last}). {HOW_TO}")
        said = f" Its last words: {last}" if last else " It said nothing."
        if not starting:
            if code == "SIGKILL":
                said = (
                    " Somebody ended it, or the system did for want of memory; with --memory it takes less."
                )
            return BackendError(f"Caffe under {self.python} ended at work ({code}).{said}")
        if self.gpu is not None:
            return BackendError(
                f"Caffe under {self.python} ended before it had GPU {self.gpu} ({code}).{said} Leave the "
                "device out to have it use the CPU."
            )
        return BackendError(
            f"{self.python} ended before it had loaded Caffe ({code}).{said} Is it a Python that has the "
            f"module caffe? {HOW_TO}"
        )

    def _ended_with(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        for reader in self._readers:
            reader.join(_END_S)  # what it wrote last may still be under way
        code = self._process.returncode
        if code is not None and code < 0:
            with suppress(ValueError):
                return signal.Signals(-code).name
        return f"exit code {code}"


def _started(
    python: Path, gpu: int | None, threads: int | None
) -> tuple[subprocess.Popen[bytes], int | None]:
    """Start the process; return it and this side's end of its lifeline, if there can be one."""
    watched, lifeline = os.pipe() if os.name == "posix" else (None, None)
    command = [
        str(python),
        str(_WORKER),
        str(-1 if watched is None else watched),
        str(-1 if gpu is None else gpu),
    ]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(os.environ, threads or _as_many_as_pytorch()),
            pass_fds=() if watched is None else (watched,),
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        if lifeline is not None:
            os.close(lifeline)
        raise BackendError(
            f"{python}: cannot be started: {error.strerror or error}. Name the Python that has the module "
            f"caffe. {HOW_TO}"
        ) from error
    finally:
        if watched is not None:
            os.close(watched)
    return process, lifeline


def _as_many_as_pytorch() -> int:
    import torch  # heavy, and not needed by whoever only asks what Caffe there is

    return torch.get_num_threads()


def _without_memory(what: str) -> Exception:
    """Return the error by which passes in PyTorch tell that they need smaller tiles."""
    import torch

    return torch.OutOfMemoryError(f"Caffe cannot allocate the memory for this: {what}")


def _environment(environment: Mapping[str, str], threads: int) -> dict[str, str]:
    """Return the environment for another Python: nothing of what belongs to this one's alone."""
    kept = {name: value for name, value in environment.items() if name not in _NOT_ITS_OWN}
    return kept | dict.fromkeys(_THREADS, str(threads)) | {"GLOG_minloglevel": "2", "GLOG_logtostderr": "1"}


def _reading(
    pipe: IO[bytes] | None,
    last_lines: deque[str],
    answers: queue.SimpleQueue[dict[str, Any] | None] | None = None,
) -> threading.Thread:
    """Return a thread that takes what comes through a pipe: answers and a None at the end, or words."""

    def read() -> None:
        assert pipe is not None
        with suppress(OSError, ValueError):
            while line := pipe.readline(_LONGEST_LINE):
                answer = None if answers is None else _parsed(line)
                if answers is not None and answer is not None:
                    answers.put(answer)
                else:
                    last_lines.append(line.decode("utf-8", "replace").rstrip())
        if answers is not None:
            answers.put(None)

    thread = threading.Thread(target=read, name="lucidreel-caffe", daemon=True)
    thread.start()
    return thread


def _end(process: subprocess.Popen[bytes], lifeline: int | None, readers: list[threading.Thread]) -> None:
    """End a process and what it may have started, and take back what this side had for it."""
    if lifeline is not None:
        os.close(lifeline)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    with suppress(OSError):
        process.stdin.close()
    if process.poll() is None:
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever a wrapper has started
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_S)
    for reader, pipe in zip(readers, (process.stdout, process.stderr), strict=True):
        reader.join(_END_S)
        if not reader.is_alive():  # else somebody still holds the other end, and closing would wait for that
            pipe.close()


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return an answer; None for a line that is none."""
    with suppress(ValueError, RecursionError):  # of lists in lists in lists
        answer = json.loads(line)
        if isinstance(answer, dict) and not {"id", "protocol"}.isdisjoint(answer):
            return answer
    return None


def _last_words(lines: list[str]) -> str:
    """Return what a process had to say at its end: glog's fatal line, or the last of a Python error."""
    for place, line in enumerate(lines):
        if match := _FATAL.match(line):
            more = takewhile(lambda each: not each.startswith("***"), lines[place + 1 : place + 3])
            return cut(" ".join([match["words"].strip(), *more]), 400) + f" ({match['place']})"
    said = [line.strip() for line in lines if line.strip() and not line.startswith("***")]
    return cut(said[-1], 400) if said else ""
