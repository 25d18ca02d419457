"""A Caffe to run nets with: its process, started again where it has died, and the memory shared with it."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import BackendError
from .process import START_S, CaffeFacts, CaffeProcess
from .shared_file import SharedFile

_PATIENCE_S = 300.0
"""How long is waited for an answer beside what the work may take."""
_NEEDED_TYPES = ("Bias", "Convolution", "Input", "Reshape")


class RunningCaffe:
    """One process of real Caffe; whoever talks to it holds `lock`."""

    def __init__(
        self,
        python: Path,
        gpu: int | None = None,
        threads: int | None = None,
        start_s: float = START_S,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        """Start Caffe under a Python, on a GPU by its number or on `threads` of the CPU.

        Raises BackendError where that has no Caffe, or one from before version 1.0.
        """
        self.python, self.gpu, self.threads = python, gpu, threads
        self.lock = threading.RLock()
        self.nets: dict[int, float] = {}
        """The nets that the process has -> how many numbers each holds; the last one run is the last."""
        self._start_s, self._patience_s = start_s, patience_s
        self._dropped: list[int] = []
        self._nets_made = 0
        self._memory: SharedFile | None = None
        self._start()

    def ask(self, do: str, work_s: float = 0.0, **values: Any) -> dict[str, Any]:
        """Have something done that may take `work_s` seconds on the slowest of machines.

        Raises as `CaffeProcess.ask` does. What has died is started again by the next request, without nets.
        """
        if self._dropped:
            nets, self._dropped = self._dropped, []
            self.process.ask("drop", self._patience_s, nets=nets)
        return self.process.ask(do, self._patience_s + work_s, **values)

    def revive(self) -> None:
        """Start the process again if it has died."""
        if not self.process.alive:
            self._start()

    def shared(self, size: int) -> SharedFile:
        """Return the shared memory, which is as large as that or larger; what was in it may be gone."""
        if self._memory is None or self._memory.size < size:
            self._memory = None
            self._memory = SharedFile(size, self._show)
        return self._memory

    def drop_memory(self) -> None:
        """Let go of the shared memory, as after weights, which take more of it than passes do."""
        self._memory = None

    def number(self) -> int:
        """Return a number for another net."""
        self._nets_made += 1
        return self._nets_made

    def make_room(self, net: int, held: float) -> None:
        """Let go of nets that were not run for long, until all beside the largest hold no more than that one.

        So the octaves of a dream may have a net each, and several dreams do not pile up. `net` is the one to
        run now, and then holds so many numbers.
        """
        self.nets[net] = max(held, self.nets.pop(net, 0.0))
        while sum(self.nets.values()) > 2 * max(self.nets.values()):
            self.drop(next(iter(self.nets)))

    def drop(self, net: int) -> None:
        """Let go of a net, soon. Other threads may call this."""
        if self.nets.pop(net, None) is not None:
            self._dropped.append(net)

    def close(self) -> None:
        """End the process; the next pass starts another one."""
        with self.lock:
            self.process.close()

    @property
    def facts(self) -> CaffeFacts:
        """What the Caffe says of itself."""
        return self.process.facts

    def _show(self, path: Path, size: int) -> None:
        self.ask("memory", path=str(path), bytes=size)

    def _start(self) -> None:
        self.process = CaffeProcess(self.python, self.gpu, self.threads, self._start_s)
        self._memory = None
        self.nets.clear()
        self._dropped.clear()
        with suppress(StopIteration):
            missing = next(kind for kind in _NEEDED_TYPES if kind not in self.facts.types)
            self.close()
            raise BackendError(
                f"The Caffe under {self.python} has no layers of the type {missing}: it is older than 1.0. "
                "docs/caffe.md says how to get one."
            )
