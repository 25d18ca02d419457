"""The bytes, the text and the lines of a file from outside, up to the size that its kind may have.

A reader's caller says once what kind of file it reads (`FileKind`): how it is called in a message, which
error it ends in, how large it may be, what to do next. Sizes are those at which the slowest reader of the
kind stays under five seconds and a gigabyte.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import LucidreelError, sibling_suggestion

MIB = 2**20

_SORTS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Ctrl-Z ended text files under DOS, and a form feed starts a page of source code.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")


@dataclass(frozen=True)
class FileKind:
    """A kind of file that people give to the program, and what is said when one cannot be read."""

    name: str
    """What it is, as in "not a readable preset"."""
    error: type[LucidreelError]
    """Raised for a file that is not readable as one."""
    most_bytes: int = MIB
    """How large one may be."""
    advice: str = ""
    """The next step, as a sentence."""
    missing: type[LucidreelError] | None = None
    """Raised where there is nothing of that name, or no file; `error` by default."""

    def fault(self, path: Path, why: object) -> LucidreelError:
        """Return the error to raise for a file of this kind."""
        return self.error(f"{path} is not a readable {self.name}: {why}.{self._next_step}")

    def no_file(self, path: Path, what: str) -> LucidreelError:
        """Return the error to raise for a folder, a pipe or a device of that name."""
        return (self.missing or self.error)(
            f"{path} is not a readable {self.name}: it is {what}.{self._next_step}"
        )

    def absent(self, path: Path) -> LucidreelError:
        """Return the error to raise where there is no such file."""
        return (self.missing or self.error)(
            f"the {self.name} {path} does not exist.{sibling_suggestion(path)}"
        )

    @property
    def _next_step(self) -> str:
        return f" {self.advice}" if self.advice else ""


def is_file(path: Path) -> bool:
    """Tell whether there is a file that can be read; a name that no file can have is none."""
    return _mode(path, stat.S_ISREG)


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder of that name; a name that none can have is none."""
    return _mode(path, stat.S_ISDIR)


def read_bytes(path: Path, kind: FileKind) -> bytes:
    """Return a file's content; raises what `kind` says for one that is missing, too large or no file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # before it is opened: opening a pipe waits for its other end
            raise kind.no_file(path, _SORTS.get(stat.S_IFMT(status.st_mode), "no file"))
        if status.st_size > kind.most_bytes:
            raise kind.fault(path, _too_large(status.st_size, kind))
        with path.open("rb") as file:
            # Files in /proc have no size and may have no end. As much memory is taken as is asked for.
            content = file.read(min(status.st_size or 64 * MIB, kind.most_bytes) + 1)
    except FileNotFoundError:
        raise kind.absent(path) from None
    except OSError as error:
        raise kind.fault(path, error.strerror or error) from error
    except ValueError as error:  # a name with a zero byte
        raise kind.fault(path, error) from error
    if len(content) > kind.most_bytes:
        raise kind.fault(path, _too_large(len(content), kind))
    return content


def read_text(path: Path, kind: FileKind) -> str:
    r"""Return a UTF-8 file's text, without the mark that Windows puts in front, with "\n" for line ends."""
    content = read_bytes(path, kind)
    if content.startswith(_UTF16_MARKS):
        raise kind.fault(path, "it is UTF-16, as Windows' Notepad writes as “Unicode”; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x} in line {line}"
        raise kind.fault(path, f"it is not UTF-8 text ({byte})") from error
    if odd := _NO_TEXT.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise kind.fault(path, f"it is no text: line {line} has the control character {odd[0]!r}")
    return text


def read_lines(path: Path, kind: FileKind) -> list[str]:
    """Return a text file's lines, without their ends."""
    return read_text(path, kind).removesuffix("\x1a").removesuffix("\n").split("\n")


def _mode(path: Path, test: Callable[[int], bool]) -> bool:
    try:  # Path.is_file() raises for names that are too long
        return test(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _too_large(size: int, kind: FileKind) -> str:
    return f"it has {size:,} bytes, and a {kind.name} has at most {kind.most_bytes:,}"
