"""Memory that two processes see: it is found somewhere, or there is a word on what to do."""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
from pathlib import Path

import pytest

from lucidreel.errors import BackendError
from lucidreel.models.pycaffe.shared_file import SharedFile, bytes_of


def test_what_is_written_is_seen_through_another_map_even_when_the_name_is_gone() -> None:
    shared = SharedFile(bytes_of((2, 3)) + bytes_of((4,)))
    with shared.path.open("r+b") as file:
        other = mmap.mmap(file.fileno(), shared.size)
    shared.unlink()
    assert not shared.path.exists()
    shared.array((4,), bytes_of((2, 3))).fill_(1.0)
    assert other[:] == bytes(64) + b"\x00\x00\x80\x3f" * 4 + bytes(48)


def test_where_memory_has_no_room_a_disk_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = os.posix_fallocate

    def only_there(number: int, offset: int, size: int) -> None:
        if Path(f"/proc/self/fd/{number}").resolve().parent != tmp_path:
            raise OSError(errno.ENOSPC, "No space left on device")
        reserve(number, offset, size)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", only_there)
    assert SharedFile(100).path.parent == tmp_path


def test_without_room_anywhere_it_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(BackendError, match=r"512 MiB to share with Caffe .*: No space left .* TMPDIR"):
        SharedFile(2**29)
    assert list(tmp_path.iterdir()) == []
