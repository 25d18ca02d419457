"""The note of a film that is whole, so that a process which dies right then leaves nothing undone for good.

    the film is whole under its hidden name
    complete.txt        the film known by its contents, what was asked for, and the text of its record
    the film has its name
    the record is beside it
    the frames are dropped, and complete.txt last

Killed anywhere from the second line on, the same command finds the note and the very film that it speaks of,
and does what is left. A film that anybody else has put there is another one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..files.atomic import replace_file
from .fingerprints import file_facts
from .folder import NOTE_NAME, is_plain_file

_WORD = b"lucidreel-complete 1"
_MOST_BYTES = 2**24


@dataclass(frozen=True)
class Completion:
    """What is left to do when a film is whole, and for whom."""

    asked: str
    """A digest of all that was asked for: `fingerprints.digest_of_order`."""
    record: str
    """The text of the film's record."""


def write_note(folder: Path, completion: Completion, film: Path) -> None:
    """Note in a checkpoint's folder that `film`, a file or a folder of pictures, is whole. Raises OSError."""
    head = b"\n".join([_WORD, _words_of(film).encode("ascii"), completion.asked.encode("ascii")])
    replace_file(folder / NOTE_NAME, [head, b"\n\n", completion.record.encode("utf-8")], durable=True)


def begins_a_note(path: Path) -> bool:
    """Tell whether a file begins as a note does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_WORD)) == _WORD


def completed(folder: Path, output: Path, asked: Callable[[], str]) -> Completion | None:
    """Return what is left to do where `output` is the film of the note, and was asked for in the same way.

    `asked` is called where there is such a film alone: it takes a moment.
    """
    note = folder / NOTE_NAME
    try:
        if not is_plain_file(note) or note.stat().st_size > _MOST_BYTES:
            return None
        head, _, record = note.read_bytes().partition(b"\n\n")
        word, film, then = head.split(b"\n")
        if word != _WORD or not output.exists() or film.decode("ascii") != _words_of(output):
            return None
        completion = Completion(then.decode("ascii"), record.decode("utf-8"))
    except (OSError, ValueError):
        return None
    return completion if completion.asked == asked() else None


def _words_of(film: Path) -> str:
    """Return what tells a film from every other: its size and digest, or its pictures' names and sizes."""
    if not film.is_dir():
        return " ".join(file_facts(film).values())
    digest = hashlib.blake2b(digest_size=16)
    with os.scandir(film) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            digest.update(os.fsencode(entry.name) + f"\0{entry.stat().st_size}\n".encode("ascii"))
    return f"pictures {digest.hexdigest()}"
