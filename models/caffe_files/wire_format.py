"""Walking through protobuf's wire form without building objects.

A message is a row of fields: a varint key (number * 8 + kind), then a varint, four or eight bytes, or a
length and so many bytes (which may be a message again). A library makes an object of every field before
anything can be asked, gigabytes for millions of empty layers; here nothing is made but positions
in the file, and one that holds more fields than any network is refused after a moment.

Arrays are either packed (one field with all the numbers) or unpacked (a field for each). A run of unpacked
numbers has the same key every five (or nine) bytes, so it is given as one field and taken apart by NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)

FIELD_LIMIT = 400_000
"""More than any network has: GoogLeNet's weights come with 1,910."""
_GROUP_LIMIT = 64
"""How deep groups, an abandoned form that Caffe never used, may lie in each other."""

Field = tuple[int, int, int, int]
"""Number, kind, and where its content begins and ends."""


class WireError(ValueError):
    """Bytes that are no protobuf message, or more fields than any network has."""


class Wire:
    """A file's bytes, and how many fields may still be read from them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._left = FIELD_LIMIT

    def fields(self, begin: int, end: int) -> Iterator[Field]:
        """Yield the fields of the message between two positions; WireError where it is none."""
        while begin < end:
            self._count()
            key, begin = self._varint(begin, end)
            number, kind = key >> 3, key & 7
            if not number:
                raise WireError(f"byte {begin:,} begins no field")
            start, stop = self._extent(kind, begin, end)
            if kind in (FIXED32, FIXED64) and number < 16:
                stop = self._run_end(start, stop, end)
            if kind != GROUP:
                yield number, kind, start, stop
            begin = stop

    def varint(self, begin: int) -> int:
        """Return the varint at a position that `fields` gave."""
        return self._varint(begin, len(self.content))[0]

    def packed_varints(self, begin: int, end: int) -> list[int]:
        """Return the varints that fill a stretch."""
        values = []
        while begin < end:
            self._count()
            value, begin = self._varint(begin, end)
            values.append(value)
        return values

    def unpacked(self, begin: int, end: int, dtype: str) -> NDArray[np.floating]:
        """Return the numbers of a stretch of unpacked ones, as `fields` gives it: number, key, number ..."""
        width = np.dtype(dtype).itemsize
        rows = np.frombuffer(self.content, np.uint8, end - begin + 1, begin - 1).reshape(-1, width + 1)
        numbers: NDArray[np.floating] = np.ascontiguousarray(rows[:, 1:]).view(dtype).ravel()
        return numbers

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise WireError(f"more than {FIELD_LIMIT:,} separate fields, which no network has")

    def _extent(self, kind: int, begin: int, end: int) -> tuple[int, int]:
        """Return where a field's content begins and ends."""
        if kind == VARINT:
            stop = self._varint(begin, end)[1]
        elif kind == BYTES:
            length, begin = self._varint(begin, end)
            stop = begin + length
        elif kind in (FIXED32, FIXED64):
            stop = begin + (4 if kind == FIXED32 else 8)
        elif kind == GROUP:
            stop = self._group_end(begin, end)
        else:
            raise WireError(f"a field of the unknown kind {kind} at byte {begin:,}")
        if stop > end:
            raise WireError(f"a field that begins at byte {begin:,} reaches beyond the end")
        return begin, stop

    def _run_end(self, begin: int, stop: int, end: int) -> int:
        """Return where a run of unpacked numbers under the one-byte key before `begin` ends."""
        width, key = stop - begin + 1, self.content[begin - 1]
        rows = np.frombuffer(self.content, np.uint8, (end - begin + 1) // width * width, begin - 1)
        keys = rows.reshape(-1, width)[:, 0]
        count, step = 1, 16
        while count < len(keys):
            other = np.flatnonzero(keys[count : count + step] != key)
            if other.size:
                count += int(other[0])
                break
            count, step = min(count + step, len(keys)), step * 16
        return begin - 1 + count * width

    def _group_end(self, begin: int, end: int) -> int:
        """Return the position behind a group; its fields are passed over."""
        depth = 1
        while depth:
            self._count()
            key, begin = self._varint(begin, end)
            if key & 7 == GROUP:
                depth += 1
                if depth > _GROUP_LIMIT:
                    raise WireError(f"groups {_GROUP_LIMIT} deep at byte {begin:,}")
            elif key & 7 == END_GROUP:
                depth -= 1
            else:
                begin = self._extent(key & 7, begin, end)[1]
        return begin

    def _varint(self, begin: int, end: int) -> tuple[int, int]:
        """Return the varint at a position and the position behind it."""
        content, value = self.content, 0
        for shift in range(0, 70, 7):
            if begin >= end:
                raise WireError("it ends in the middle of a field")
            byte = content[begin]
            begin += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value & 0xFFFF_FFFF_FFFF_FFFF, begin
        raise WireError(f"a number of more than ten bytes at byte {begin:,}")
