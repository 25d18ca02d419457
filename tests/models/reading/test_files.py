"""Files from outside: what is none, has no end or is no text is refused in one message, at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lucidreel.errors import ConfigError, InputNotFoundError
from lucidreel.models.reading.files import FileKind, is_file, is_folder, read_bytes, read_lines, read_text

LETTER = FileKind("letter", ConfigError, most_bytes=1000, advice="Write another.", missing=InputNotFoundError)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"word\r\nmore\rend\n", "word\nmore\nend\n"),
        (b"\xef\xbb\xbfmarked", "marked"),
        ("ünïcode\u2028".encode(), "ünïcode\u2028"),
        (b"page\x0cbreak\ttab\x1a", "page\x0cbreak\ttab\x1a"),
        (b"x" * 1000, "x" * 1000),
    ],
)
def test_text_comes_as_it_was_written_whatever_ends_its_lines(
    tmp_path: Path, content: bytes, text: str
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert read_text(tmp_path / "a.txt", LETTER) == text


def test_lines_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("one\r\n\r\nthree\u2028still\n\x1a".encode())
    assert read_lines(tmp_path / "a.txt", LETTER) == ["one", "", "three\u2028still"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * 1001, "it has 1,001 bytes, and a letter has at most 1,000"),
        (b"fine\n\xe9", "it is not UTF-8 text (byte 0xe9 in line 2)"),
        ("word".encode("utf-16"), "it is UTF-16, as Windows' Notepad writes as “Unicode”; save it as UTF-8"),
        (b"a\nb\nc\x1b[31m", "it is no text: line 3 has the control character '\\x1b'"),
        (b"\0", "it is no text: line 1 has the control character '\\x00'"),
    ],
)
def test_what_is_no_text_or_too_much_is_told_with_its_place(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_text(path, LETTER)
    assert str(caught.value) == f"{path} is not a readable letter: {why}. Write another."


def test_a_missing_file_is_an_error_of_its_own_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "sea.txt").write_text("")
    with pytest.raises(InputNotFoundError, match=r"the letter .*see.txt does not exist. Nearest: sea.txt."):
        read_bytes(tmp_path / "see.txt", LETTER)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_pipes_devices_sockets_and_folders_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.relpath(tmp_path / "socket"))
    server.close()
    for name, what in (
        ("pipe", "it is a pipe"),
        ("zero", "it is a device"),
        ("socket", "it is a socket"),
        (".", "it is a folder"),
        ("loop", "symbolic links"),
        ("n" * 300, "File name too long"),
        ("a\0b", "null byte"),
    ):
        error = InputNotFoundError if what.startswith("it is") else ConfigError
        with pytest.raises(error, match=f"is not a readable letter: .*{what}"):
            read_bytes(tmp_path / name, LETTER)
        assert not is_file(tmp_path / name)
    assert is_folder(tmp_path) and not is_folder(tmp_path / ("n" * 300))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux has files without a size")
def test_files_without_a_size_are_read_up_to_the_limit() -> None:
    assert read_bytes(Path("/proc/self/statm"), LETTER)
    with pytest.raises(ConfigError, match="at most 1,000"):
        read_bytes(Path("/proc/self/maps"), LETTER)
