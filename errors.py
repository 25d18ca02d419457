"""Every error lucidreel raises on purpose, and the exit code each one ends the program with.

    LucidreelError                    1   anything expected to go wrong
    ├── UsageError                    2   a value that makes no sense (times, sizes, fps)
    ├── ConfigError                   3   a configuration that does not hold together
    │   └── PresetError               3   an unknown preset, or a bad key or value inside one
    ├── ModelFileError                4   a network's files: missing, torn, unsupported
    ├── TargetError                   5   something to dream of that the network does not have
    │   ├── ClassNotFoundError        5
    │   └── LayerNotFoundError        5
    ├── InputNotFoundError            6   the input is not there, or is not a file of the kind asked for
    ├── MediaError                    7   a picture, clip or sound that cannot be read or written
    ├── OutputError                   8   nowhere to write: no permission, no folder, input == output
    │   └── OutputExistsError         8   something is there that may not be replaced
    ├── ResumeMismatchError           9   a half-finished render made with other settings or another source
    ├── OutOfMemoryError             10   the frame does not fit the device
    ├── DeviceError                  11   the device asked for is not on this machine
    │   └── BackendError             11   a program that runs networks is not there, or has died
    └── CancelledRenderError        130   a render that its own program has cancelled

A message says what is wrong, the offending value, what is allowed or nearest, and the next step. It fits a
terminal: the command line prints it behind "error:" and keeps the traceback for `--debug`. Whatever values
from outside it quotes (names with line breaks, words of a megabyte), the base class makes one line of it
(`one_line`), so no `raise` needs to think of that. Exit codes 0 (done) and 130 (interrupted) complete the
list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

LONGEST_VALUE = 160
LONGEST_MESSAGE = 1200
_LONGEST_SUGGESTED_FOR = 200
_MOST_COMPARED = 20_000
# A value as repr() writes it. An apostrophe inside a word opens none.
_QUOTED = re.compile(r"""(?<!\w)(['"])(?:(?!\1)[^\\]|\\.)*\1""")


class LucidreelError(Exception):
    """Base of all expected errors; `exit_code` is what the program ends with.

    The message becomes one line, values in it cut. What needs more lines (a list of differences) gives them
    as `lines`, each of which is made one line too.
    """

    exit_code = 1

    def __init__(self, message: str, *, lines: Sequence[str] = ()) -> None:
        super().__init__("\n".join(one_line(each) for each in (message, *lines)))


def one_line(text: str) -> str:
    """Return a message as one line that a terminal can show: values in it cut, odd characters escaped.

    Line breaks, control characters, lone surrogates and the like are written as in Python (`\\n`, `\\x1b`),
    bytes of a file name that are no text as themselves (`\\xff`). Quoted values longer than LONGEST_VALUE
    lose their middle, and so does the whole beyond LONGEST_MESSAGE: what it is about stands in front, and
    the next step at the end.
    """
    shown = "".join(
        char if char.isprintable() else _escaped(char) for char in cut(text, 64 * LONGEST_MESSAGE)
    )
    shown = _QUOTED.sub(lambda quoted: cut(quoted[0], LONGEST_VALUE), shown)
    return cut(shown, LONGEST_MESSAGE)


def cut(text: str, most: int = LONGEST_VALUE) -> str:
    """Return `text`, without its middle where it has more than `most` characters."""
    if len(text) <= most:
        return text
    tail = (most - 1) // 3
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def _escaped(char: str) -> str:
    byte = ord(char) - 0xDC00  # Python's stand-ins for bytes that are no UTF-8: U+DC80 to U+DCFF
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else repr(char)[1:-1]


class UsageError(LucidreelError):
    """A value on the command line that makes no sense, such as an end before its start."""

    exit_code = 2


class ConfigError(LucidreelError):
    """A configuration with unknown keys, values out of range, or parts that exclude each other."""

    exit_code = 3


class PresetError(ConfigError):
    """A preset that does not exist or holds a key or value that is not allowed."""


class ModelFileError(LucidreelError):
    """A network definition, weights or labels file that is missing, torn or not supported."""

    exit_code = 4


class TargetError(LucidreelError):
    """A target the network cannot dream of."""

    exit_code = 5


class ClassNotFoundError(TargetError):
    """No class of that name, synonym, wnid or number."""


class LayerNotFoundError(TargetError):
    """No layer (or channel of a layer) of that name."""


class InputNotFoundError(LucidreelError):
    """The input path does not exist or is not a file (or folder of pictures) at all."""

    exit_code = 6


class MediaError(LucidreelError):
    """A picture, clip or sound that cannot be decoded or encoded.

    `command` and `stderr_tail` hold what an external program was asked and its last words, if there was one.
    """

    exit_code = 7

    def __init__(self, message: str, *, command: Sequence[str] = (), stderr_tail: str = "") -> None:
        super().__init__(message)
        self.command = tuple(command)
        self.stderr_tail = stderr_tail


class OutputError(LucidreelError):
    """The output cannot be written there."""

    exit_code = 8


class OutputExistsError(OutputError):
    """Something has the output's name, and may not be replaced."""


class ResumeMismatchError(LucidreelError):
    """What was already rendered belongs to other settings or another source."""

    exit_code = 9


class OutOfMemoryError(LucidreelError):
    """The frame does not fit into the memory allowed, even in tiles."""

    exit_code = 10


class DeviceError(LucidreelError):
    """The device or precision asked for is not available on this machine."""

    exit_code = 11


class BackendError(DeviceError):
    """The program that is to run a network (Caffe) is not on this machine, cannot be used, or has died."""


class CancelledRenderError(LucidreelError):
    """The render was cancelled by the program that holds it, as Ctrl-C does from a terminal."""

    exit_code = 130


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` members of `known` that come nearest to `word`, best first, ignoring case.

    Names that hold it as a whole word come first ("shark" finds "tiger shark"), then names that contain it,
    then names that are spelt alike; within each, short names before long ones. Spelling is compared with at
    most 20,000 names, and nothing comes near a word of a page's length.
    """
    if len(word) > _LONGEST_SUGGESTED_FOR:
        return []
    by_folded = {name.casefold(): name for name in known if len(name) <= _LONGEST_SUGGESTED_FOR}
    folded = word.casefold()
    containing = sorted((name for name in by_folded if folded and folded in name), key=len)
    whole = [name for name in containing if folded in re.split(r"[^\w]+", name)]
    alike = get_close_matches(folded, islice(by_folded, _MOST_COMPARED), n=count, cutoff=0.6)
    return [by_folded[name] for name in dict.fromkeys([*whole, *containing, *alike])][:count]


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return " Nearest: a, b, c." for a message, or an empty string when nothing comes close."""
    found = nearest(word, known)
    return f" Nearest: {', '.join(found)}." if found else ""


def sibling_suggestion(path: Path) -> str:
    """Return " Nearest: sea.json." with the files of its kind that lie beside a missing file, or ""."""
    try:
        beside = [each.name for each in path.parent.iterdir() if each.suffix.lower() == path.suffix.lower()]
    except OSError:
        return ""
    return suggestion(path.name, beside)
