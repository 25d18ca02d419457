"""The list of finished frames: a text file that only grows, one line per frame.

    0 0 6221873 9a0be1c4
    1 1001/24000 6221873 07d2c6f0       index, exact time in seconds, size in bytes, CRC-32

A frame is finished when its line is: that is written after the frame's file has its name. A process killed
while it writes leaves half a last line, which does not count.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ...models.reading.files import is_file
from ..files.durable import sync_path, write_all

# Numbers beyond these are nobody's film, and Fraction("1e999999999") would never end.
_LINE = re.compile(
    rb"(0|[1-9]\d{0,11}) (0|[1-9]\d{0,23})(?:/([2-9]|[1-9]\d{1,23}))? (0|[1-9]\d{0,14}) ([0-9a-f]{8})\n"
)
_LONGEST_LINE = 128
# A link would lead out of the folder.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True)
class Entry:
    """What the journal says of one frame; the checksum covers its file, index and time."""

    index: int
    time_s: Fraction
    size: int
    crc32: int

    @property
    def line(self) -> str:
        """The entry as it is written."""
        return f"{self.index} {self.time_s} {self.size} {self.crc32:08x}\n"


class Journal:
    """The journal in one file, read when it is made; `entries` are its whole lines in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries = _whole_entries(path)
        self._length = self._length_of_entries()

    def append(self, entry: Entry) -> None:
        """Add a line. Raises OSError, and then half a line may be there, which does not count."""
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | _NO_LINK | getattr(os, "O_BINARY", 0), 0o666)
        try:
            os.ftruncate(handle, self._length)  # half a line, from a kill or a full disk
            os.lseek(handle, self._length, os.SEEK_SET)
            write_all(handle, entry.line.encode("ascii"))
        finally:
            os.close(handle)
        self.entries.append(entry)
        self._length += len(entry.line)

    def truncate(self, count: int) -> None:
        """Keep the first `count` lines. Raises OSError."""
        del self.entries[count:]
        self._length = self._length_of_entries()
        if self._path.exists():
            os.truncate(self._path, self._length)

    def sync(self) -> None:
        """Have it on the disk. Raises OSError."""
        if self._path.exists():
            sync_path(self._path)

    def _length_of_entries(self) -> int:
        return sum(len(entry.line) for entry in self.entries)


def begins_a_journal(path: Path) -> bool:
    """Tell whether a file begins with the line of a first frame. Raises OSError."""
    with path.open("rb") as file:
        match = _LINE.fullmatch(file.readline(_LONGEST_LINE))
    return match is not None and int(match[1]) == 0


def _whole_entries(path: Path) -> list[Entry]:
    """Read the lines up to the first that is not whole; raises OSError where the file cannot be read."""
    if not path.exists():
        return []
    if not is_file(path):
        raise OSError(f"{path.name} is not a file")
    entries: list[Entry] = []
    with path.open("rb") as file:
        while match := _LINE.fullmatch(file.readline(_LONGEST_LINE)):
            index, ticks, per_s, size = (int(number or 1) for number in match.groups()[:4])
            time_s = Fraction(ticks, per_s)
            if index != len(entries) or time_s.denominator != per_s:  # 2/4 is no time that we wrote
                break
            entries.append(Entry(index, time_s, size, int(match[5], 16)))
    return entries
