"""One ffmpeg process that never outlives its owner and whose last words are kept.

The program is the one `imageio-ffmpeg` brings (or the one IMAGEIO_FFMPEG_EXE names).
"""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import IO, cast

import imageio_ffmpeg

from ....errors import MediaError
from ...files.disk_space import ended_on_full_disk
from ...signals import remember_for_sudden_end

_TAIL_LINES = 30
_PATIENCE_S = 5.0
_QUIET = {"SVT_LOG": "1"}  # or the AV1 encoder describes itself where errors are expected
# Windows knows no sessions: there a group of its own is what a Ctrl-C does not reach.
if sys.platform == "win32":
    _OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _OWN_GROUP = 0


class FFmpegProcess:
    """A running ffmpeg that reads from `stdin`.

    A thread empties its stderr, which would otherwise fill up and stop it. It runs in a session of its own:
    a Ctrl-C in the terminal reaches lucidreel alone, which then decides what becomes of the process. Should
    lucidreel be killed outright, the pipe closes and ffmpeg ends by itself.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.command = [imageio_ffmpeg.get_ffmpeg_exe(), *arguments]
        try:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, **_QUIET},
                start_new_session=True,
                creationflags=_OWN_GROUP,
            )
        except OSError as error:
            raise MediaError(f"ffmpeg cannot be started ({error}).", command=self.command) from error
        self.stdin = cast(IO[bytes], self._process.stdin)
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._listener = Thread(target=_listen, args=(self._process, self._tail), daemon=True)
        self._listener.start()
        self._forget_sudden_end = remember_for_sudden_end(self._process.kill)
        self._finalizer = weakref.finalize(self, _end, self._process, self._forget_sudden_end)

    @property
    def process_id(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid

    def wait(self) -> None:
        """Close the pipe and wait for ffmpeg to complete its file. Raises MediaError if it fails."""
        with suppress(BrokenPipeError):  # its exit code tells more
            self.stdin.close()
        code = self._process.wait()
        self._listener.join()
        self._finalizer.detach()
        self._forget_sudden_end()
        if code:
            raise self.failure()

    def failure(self) -> MediaError:
        """Return the error for a process that died, with its last words."""
        try:
            code: int | None = self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            code = None
        self._listener.join(_PATIENCE_S)
        tail = "\n".join(self._tail)
        said = (
            self._tail[0] if self._tail else "it said nothing"
        )  # the first error is the cause of the others
        return MediaError(
            f"ffmpeg stopped while writing the film (exit code {code}): {said}",
            command=self.command,
            stderr_tail=tail,
        )

    @property
    def met_full_disk(self) -> bool:
        """Whether the process, which has ended, found no more disk space."""
        return ended_on_full_disk(self._process.poll(), "\n".join(self._tail))

    def kill(self) -> None:
        """End the process at once and wait until it is gone; safe from any thread, and twice."""
        self._finalizer()


def _listen(process: subprocess.Popen[bytes], tail: deque[str]) -> None:
    stderr = cast(IO[bytes], process.stderr)
    with stderr:
        for line in stderr:
            tail.append(line.decode("utf-8", "replace").rstrip())


def _end(process: subprocess.Popen[bytes], forget_sudden_end: Callable[[], None]) -> None:
    process.kill()
    process.wait()
    forget_sudden_end()
    with suppress(OSError, ValueError):  # what was still buffered has nowhere to go
        cast(IO[bytes], process.stdin).close()
