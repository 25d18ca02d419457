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


class OtherSide:
    """Maps the file that it is shown."""

    def __call__(self, path: Path, size: int) -> None:
        self.path = path
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), size)


def test_what_is_written_is_seen_through_another_map_when_the_name_is_gone() -> None:
    other = OtherSide()
    shared = SharedFile(bytes_of((2, 3)) + bytes_of((4,)), other)
    assert not other.path.exists()
    shared.array((4,), bytes_of((2, 3))).fill_(1.0)
    assert other.map[:] == bytes(64) + b"\x00\x00\x80\x3f" * 4 + bytes(48)


@pytest.mark.skipif(os.name != "posix", reason="files without blocks")
def test_as_long_as_it_has_a_name_nothing_is_in_it_that_a_killed_program_could_leave() -> None:
    blocks: list[int] = []
    SharedFile(2**22, lambda path, size: blocks.append(path.stat().st_blocks))
    assert blocks == [0]


def test_another_side_that_cannot_map_it_is_told_and_nothing_is_left() -> None:
    shown: list[Path] = []

    def fails(path: Path, size: int) -> None:
        shown.append(path)
        raise BackendError("no")

    with pytest.raises(BackendError, match="no"):
        SharedFile(100, fails)
    assert len(shown) == 1
    assert not shown[0].exists()


def test_where_memory_has_no_room_a_disk_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = os.posix_fallocate

    def only_there(number: int, offset: int, size: int) -> None:
        if os.fstat(number).st_dev != tmp_path.stat().st_dev:
            raise OSError(errno.ENOSPC, "No space left on device")
        reserve(number, offset, size)

    other = OtherSide()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", only_there)
    SharedFile(100, other)
    assert other.path.parent == tmp_path


def test_without_room_anywhere_it_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(BackendError, match=r"512 MiB to share with Caffe .*: No space left .* TMPDIR"):
        SharedFile(2**29, OtherSide())
    assert list(tmp_path.iterdir()) == []
