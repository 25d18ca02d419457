"""What counts as a fault of a reader: any other error than its own, slowness, greed, a message that is torn.

A file from a stranger ends in a value or in one of lucidreel's own errors, within seconds, within a gigabyte,
and with a message of one line.
"""

from __future__ import annotations

import hashlib
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lucidreel.errors import LONGEST_MESSAGE, LucidreelError

from .target import ROOT, Target

MOST_SECONDS = 5.0
"""Of processor time, for one file."""
MOST_BYTES = 2**30
"""By which reading one file may raise the peak of the process's memory."""


class TooSlowError(BaseException):
    """The time for one file is over; no reader catches it."""


class WrongAnswerError(Exception):
    """A reader returned something that contradicts what else is known of the file."""


@dataclass(frozen=True)
class Finding:
    """A fault: what it is, the same for all files that show it, and how it came about."""

    what: str
    details: str

    @property
    def name(self) -> str:
        """A short name for files."""
        return hashlib.sha256(self.what.encode()).hexdigest()[:10]


def find_fault(target: Target, data: bytes, folder: Path) -> Finding | None:
    """Have a target read bytes, by way of a folder of its own, and return what went wrong, if anything."""
    expected: tuple[type[Exception], ...] = (LucidreelError, *target.raises)
    before = _peak_bytes()
    try:
        with _limited_time():
            target.read(data, folder)
    except expected as error:
        if (wrong := _torn(error)) is not None:
            return Finding(f"{wrong} {_place(error)}", "".join(traceback.format_exception(error)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Finding(f"{type(error).__name__} {_place(error)}", "".join(traceback.format_exception(error)))
    if (more := _peak_bytes() - before) > MOST_BYTES:
        return Finding(f"takes over {MOST_BYTES:,} bytes", f"{more:,} bytes more than before")
    return None


def _torn(error: Exception) -> str | None:
    """Say what is wrong with an error's message; those of LucidreelError alone are promised to be short."""
    if not isinstance(error, LucidreelError):
        return None
    words = str(error)
    if not words.strip() or not all(line.isprintable() for line in words.split("\n")):
        return "a message that cannot be printed"
    return "a message too long" if max(map(len, words.split("\n"))) > LONGEST_MESSAGE else None


def _place(error: BaseException) -> str:
    """Return where in the program an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if Path(each.filename).is_relative_to(ROOT)] or frames
    readers = [each for each in own if Path(each.filename).parent != Path(__file__).parent] or own
    return f"in {Path(readers[-1].filename).name}, {readers[-1].name}" if readers else ""


@contextmanager
def _limited_time() -> Iterator[None]:
    """Raise TooSlowError when the time for one file is over. Processor time: the machine may be busy."""

    def end(_: int, __: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
