"""The program's standard streams: what is said never ends a run, and nobody else speaks on them.

closed (2>&-)            opened on nothing: the next file would become stderr, and the film full of words
closing (| head)         what comes later is dropped, and the film goes on
a code page (cp437)      what it has no letters for is written as \\u2026
other programs' words    warnings of Pillow, log lines of PyTorch, what libraries in C write to stderr by
                         themselves (OpenCV, libpng): dropped, or shown with --debug
"""

from __future__ import annotations

import faulthandler
import io
import logging
import os
import sys
import warnings
from dataclasses import dataclass
from typing import TextIO, cast

from ..errors import OutputError

_STDERR = 2


class _Unbreakable(io.RawIOBase):
    """A stream that takes everything, also when nobody reads it any more; it remembers what went wrong."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self.raw = raw
        self.refusal: OSError | None = None

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write some of `data`, or let it go."""
        if self.refusal is None:
            try:
                return self.raw.write(data) or 0
            except OSError as error:
                self.refusal = error
        return len(data)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.raw.isatty()

    def fileno(self) -> int:
        return self.raw.fileno()


@dataclass(frozen=True)
class Streams:
    """stdout and stderr of a program that has taken them over."""

    out: _Unbreakable
    err: _Unbreakable
    before: tuple[TextIO, TextIO]
    """The streams that were there: one that nobody holds any more would be closed."""

    @classmethod
    def take_over(cls, shows_all: bool) -> Streams:
        """Make the streams this program's alone, unless it `shows_all` that others have to say.

        They must be there: `open_missing`.
        """
        before = sys.stdout, sys.stderr
        out, err = _Unbreakable(_raw(sys.stdout)), _Unbreakable(_raw(sys.stderr))
        if not shows_all:
            err = _Unbreakable(_apart(err.raw))
        sys.stdout, sys.stderr = _text(out, sys.stdout), _text(err, sys.stderr)
        if not shows_all:
            _silence_others(err)
        return cls(out, err, before)

    def close(self) -> OutputError | None:
        """Send out what is left to say; return the error for results that have found no place.

        That their reader has seen enough is none.
        """
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        refusal = self.out.refusal
        if refusal is None or isinstance(refusal, BrokenPipeError):
            return None
        return OutputError(f"the results cannot be written to stdout ({refusal.strerror}).")


def open_missing() -> None:
    """Open the streams that were closed when the program was started, before anything else takes a number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (_STDERR, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _raw(stream: TextIO) -> io.RawIOBase:
    """Return what is below the buffer; with PYTHONUNBUFFERED there is none."""
    return cast(io.RawIOBase, getattr(stream.buffer, "raw", stream.buffer))


def _apart(stderr: io.RawIOBase) -> io.RawIOBase:
    """Return stderr under another number, so that what libraries in C write to number 2 goes nowhere.

    Not on Windows, where a console takes other letters through its own kind of stream than through a number.
    """
    if os.name != "posix":
        return stderr
    apart = io.FileIO(os.dup(_STDERR), "w")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, _STDERR)
    os.close(nothing)
    return apart


def _text(raw: _Unbreakable, before: TextIO) -> TextIO:
    """Return a text stream in the encoding of the one before, flushed at every line."""
    buffer = io.BufferedWriter(cast(io.RawIOBase, raw))
    return io.TextIOWrapper(buffer, before.encoding, errors="backslashreplace", line_buffering=True)


def _silence_others(stderr: _Unbreakable) -> None:
    """Drop warnings and logs; a crash in a library still says where the program was."""
    faulthandler.enable(file=stderr, all_threads=False)
    warnings.simplefilter("ignore")
    warnings.showwarning = lambda *_, **__: None  # a library that sets filters of its own
    logging.lastResort = None
    logging.getLogger().addHandler(logging.NullHandler())
    interrupts = sys.unraisablehook
    sys.unraisablehook = lambda told: interrupts(told) if told.exc_type is KeyboardInterrupt else None
