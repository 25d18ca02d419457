"""Archives that were made to be hard to unpack: a ModelFileError, soon, and nothing outside the folder."""

from __future__ import annotations

import bz2
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.zoo.archives import unpack_network


def a_tar(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


def a_zip(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def unpacked(content: bytes, folder: Path) -> list[Path]:
    (folder / "net.bin").write_bytes(content)
    (folder / "net").mkdir()
    return unpack_network(folder / "net.bin", folder / "net")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_words_before_a_member_take_no_memory_without_end(kind: bytes, tmp_path: Path) -> None:
    header = tarfile.TarInfo("words")
    header.type, header.size = kind, 2 << 20
    with pytest.raises(ModelFileError, match="one of its headers is of an impossible size"):
        unpacked(header.tobuf(tarfile.USTAR_FORMAT) + bytes(header.size + 1024), tmp_path)


@pytest.mark.parametrize("pack", [a_tar, a_zip])
def test_paths_in_an_archive_lead_nowhere(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    content = pack({"../../w.caffemodel": b"w", "/etc/deploy.prototxt": b"d", "..\\labels.txt": b"l"})
    assert {path.parent for path in unpacked(content, tmp_path)} == {tmp_path / "net"}
    assert {path.name for path in tmp_path.iterdir()} == {"net", "net.bin"}


def test_a_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    content = bytearray(a_zip({"x": b"", "w.caffemodel": b"w"}))
    content[30] = content[content.index(b"PK\x01\x02") + 46] = 0  # its name, before it and in the directory
    assert [path.name for path in unpacked(bytes(content), tmp_path)] == ["w.caffemodel"]


def test_what_a_decoder_says_of_torn_content_is_told_of_the_archive(tmp_path: Path) -> None:
    whole = bz2.compress(a_tar({"w.caffemodel": bytes(range(256)) * 4000}), 1)
    torn = whole[:2000] + bytes(100) + whole[2100:]
    with pytest.raises(ModelFileError, match=r"net\.bin: cannot be unpacked"):
        unpacked(torn, tmp_path)
