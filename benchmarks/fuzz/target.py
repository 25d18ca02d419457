"""A target: one reader of files from strangers, the seeds to begin with, and how they are changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]

Mutation = Callable[[bytes, Random], bytes]
"""Returns other bytes that are of nearly the same form."""


@dataclass(frozen=True)
class Target:
    """One reader, fed with bytes."""

    reads: str
    """What is read, in words."""
    read: Callable[[bytes, Path], object]
    """Reads the bytes as the program does, by way of a file in a folder of its own. What may be raised are
    lucidreel's own errors and `raises`."""
    seeds: Callable[[], Iterable[bytes]]
    """Gives files that are right, to begin with."""
    mutation: Callable[[list[bytes]], Mutation]
    """Makes the way to change files out of the seeds."""
    raises: tuple[type[Exception], ...] = ()
    """What else the reader's docstring says that it raises."""
    most_bytes: int = 8192
    """The longest input."""

    @property
    def own_seeds(self) -> list[bytes]:
        """The seeds that are short enough, each once, in a fixed order."""
        return sorted({seed for seed in self.seeds() if len(seed) <= self.most_bytes})


def seed_files(*patterns: str) -> Iterator[bytes]:
    """Yield the contents of files in the checkout, and in the folder LUCIDREEL_SHARED where it is named."""
    for folder in (ROOT, Path(shared)) if (shared := os.environ.get("LUCIDREEL_SHARED")) else (ROOT,):
        for pattern in patterns:
            yield from (path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file())


def as_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    """Return what reads bytes by way of a file of that name."""

    def read_bytes(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return read(path)

    return read_bytes


def as_text(read: Callable[[str], object]) -> Callable[[bytes, Path], object]:
    """Return what reads bytes as a word of a command line or a preset, which is never torn UTF-8."""
    return lambda data, _: read(data.decode("utf-8", errors="replace"))
