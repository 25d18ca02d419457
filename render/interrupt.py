"""Let other requests to end clean up in the same way as Ctrl-C does.

They are SIGTERM, what a closing terminal sends (SIGHUP), and Ctrl-Break on Windows (SIGBREAK).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_REQUESTS = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if name in signal.Signals.__members__
)


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Within the block, these signals raise KeyboardInterrupt: by themselves they would leave half a film.

    A signal that is ignored stays so: `nohup` starts programs that way, to outlive their terminal.
    Only the main thread may set signal handlers; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _REQUESTS}
    taken = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(
        number, signal.SIG_IGN
    )  # a closing terminal sends it twice: the second would stop the cleanup
    raise KeyboardInterrupt
