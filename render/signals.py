"""How requests to end are met: Ctrl-C, SIGTERM, a closing terminal (SIGHUP), Windows' Ctrl-Break (SIGBREAK).

    the first      becomes KeyboardInterrupt: work is discarded, kept and closed in order
    another one    ends the program at once: what was given to `at_sudden_end` is done, and no more

Where a library swallows the KeyboardInterrupt, it comes again: at once from a callback of Python's own, or
where `go_on` is asked, between frames.

Python calls a signal's handler on the main thread, between two of its own instructions: while PyTorch is
being loaded, or computes, that may take seconds. So a second request is waited for by a thread of its own.
"""

from __future__ import annotations

import _thread
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_REQUESTS = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if name in signal.Signals.__members__
)
# A closing terminal sends SIGHUP from two sides, `timeout` sends SIGTERM to a process and then to its group.
_SAME_REQUEST_S = 0.25
_AGAIN_S = 0.02

_at_sudden_end: dict[object, Callable[[], object]] = {}


class _Program:
    """What is known of requests to end the whole program."""

    is_watched = False
    """Whether a second request ends it at once."""
    first_at_s: float | None = None
    """When it was asked to end."""


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Within the block, these signals raise KeyboardInterrupt: by themselves they would leave half a film.

    A signal that is ignored stays so: `nohup` starts programs that way, to outlive their terminal.
    Only the main thread may set signal handlers; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif _Program.is_watched:
        with _handled((signal.SIGINT, *_REQUESTS), _interrupt_once):
            yield
    else:
        with _handled(_REQUESTS, _interrupt):
            yield


@contextmanager
def _handled(numbers: Iterable[int], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in numbers}
    taken = {number: old for number, old in before.items() if old not in (signal.SIG_IGN, None)}
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in taken.items():
            signal.signal(number, old)


@contextmanager
def ends_at_second_request(exit_code: int) -> Iterator[None]:
    """Within the block, which is a whole program, answer Ctrl-C too, and at the second request end at once.

    Outside of `terminate_as_interrupt`, a request ends the process without a word.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    heard, told = socket.socketpair()  # a pipe would do, but not on Windows
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    _raise_again_what_callbacks_swallow()
    threading.Thread(target=_watch, args=(heard, exit_code), name="requests", daemon=True).start()
    _Program.is_watched = True
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)


def was_interrupted() -> bool:
    """Tell whether the program was asked to end."""
    return _Program.first_at_s is not None


def go_on() -> None:
    """Raise KeyboardInterrupt where the program was asked to end and has not heard of it."""
    if was_interrupted():
        raise KeyboardInterrupt


@contextmanager
def at_sudden_end(action: Callable[[], object]) -> Iterator[None]:
    """Have something done should the program end suddenly within the block."""
    forget = remember_for_sudden_end(action)
    try:
        yield
    finally:
        forget()


def remember_for_sudden_end(action: Callable[[], object]) -> Callable[[], None]:
    """Have something done should the program end suddenly, until what is returned is called.

    The action runs on another thread, beside whatever was under way, and must not wait for it.
    """
    key = object()
    _at_sudden_end[key] = action
    return lambda: _forget(key)


def _forget(key: object) -> None:
    _at_sudden_end.pop(key, None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(
        number, signal.SIG_IGN
    )  # a closing terminal sends it twice: the second would stop the cleanup
    raise KeyboardInterrupt


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    """Raise at the first request; what the others mean is for the watching thread to say."""
    if _Program.first_at_s is None:
        _Program.first_at_s = time.monotonic()
        raise KeyboardInterrupt


def _raise_again_what_callbacks_swallow() -> None:
    """Have a KeyboardInterrupt that came while an object was taken down raised again a moment later."""
    before = sys.unraisablehook

    def told(swallowed: sys.UnraisableHookArgs) -> None:
        if swallowed.exc_type is not KeyboardInterrupt:
            before(swallowed)
            return
        _Program.first_at_s = None
        threading.Timer(_AGAIN_S, _interrupt_main_thread).start()

    sys.unraisablehook = told


def _interrupt_main_thread() -> None:
    """Send what wakes the main thread from a wait, too, where there is such a thing."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _watch(heard: socket.socket, exit_code: int) -> None:
    first_s: float | None = None
    while received := _received(heard):
        now_s = time.monotonic()
        if first_s is None:
            first_s = now_s
        elif now_s - first_s >= _SAME_REQUEST_S and any(number != _HANG_UP for number in received):
            _end_suddenly(exit_code)


def _received(heard: socket.socket) -> bytes:
    try:
        return heard.recv(64)
    except OSError:  # the program is ending
        return b""


_HANG_UP = getattr(signal, "SIGHUP", None)


def _end_suddenly(exit_code: int) -> NoReturn:
    for action in reversed(tuple(_at_sudden_end.values())):  # processes before the files they write
        with suppress(Exception):
            action()
    os._exit(exit_code)
