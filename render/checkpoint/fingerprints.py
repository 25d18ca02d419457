"""What decides a film's frames, as flat words that can be compared: the settings, and the source's contents.

Every fact is a pair of strings, {"dream.iterations": "20"}, so that a difference can be told key by key with
both values. Facts of the source say nothing of its name or place: a clip that was moved is the same clip.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ... import __version__
from ...errors import InputNotFoundError
from ..frames.frames import Picture
from ..settings.named_files import named_files
from ..settings.settings import Settings

_MIB = 2**20
# A file is read whole up to here; of a larger one its first, middle and last parts. A clip that was cut,
# encoded again or retouched at one end differs there, and in its size.
_WHOLE_BYTES = 64 * _MIB
_PART_BYTES = 16 * _MIB
_CHUNK_BYTES = _MIB
_DIGEST_BYTES = 16
# What the frames are the same with: how a film is encoded is asked for again at every start, and a Caffe may
# have moved.
_UNDECIDING = ("output.", "caffe_python")


def settings_facts(settings: Settings, machine: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that decide the frames as dotted keys, and beside them what `machine` tells.

    `machine` is flat and is what the caller found out: the device and precision in use, how the dreamer
    describes itself, digests of the files that settings name. Its keys replace settings of the same name:
    {"device": "cpu"} takes the place of `device = "auto"`. Keys of [output] and `caffe_python` are left out.
    """
    flat = as_words(settings.model_dump(mode="json", exclude_none=True))
    return {key: value for key, value in flat.items() if not key.startswith(_UNDECIDING)} | dict(machine)


def named_files_facts(settings: Settings) -> dict[str, str]:
    """Return the digest of every file that settings name: maps, guides, files of classes.

    Each is called as the settings call it, {"file /home/ann/sea.json": "9a0b..."}.
    Raises InputNotFoundError.
    """
    return {f"file {file.path}": _digest(Path(file.path)) for file in dict.fromkeys(named_files(settings))}


def digest_of_order(command: str, settings: Settings, facts: Mapping[str, str]) -> str:
    """Return a digest of all that a film is asked for with, how it is encoded included.

    `facts` tell of the source's contents, and of the network's. Raises InputNotFoundError.
    """
    order = {
        "program": __version__,
        "command": command,
        "settings": settings.model_dump(mode="json", exclude_none=True, exclude={"caffe_python"}),
        "files": named_files_facts(settings),
        "facts": dict(facts),
    }
    words = json.dumps(order, sort_keys=True).encode("ascii")
    return hashlib.blake2b(words, digest_size=_DIGEST_BYTES).hexdigest()


def source_facts(path: Path) -> dict[str, str]:
    """Return the facts of a clip, or of a folder of pictures. Raises InputNotFoundError."""
    try:
        return _folder_facts(path) if path.is_dir() else file_facts(path)
    except OSError as error:
        raise InputNotFoundError(f"{path} cannot be read ({error.strerror or error}).") from error


def _digest(path: Path) -> str:
    try:
        return file_facts(path)["blake2"]
    except OSError as error:
        raise InputNotFoundError(f"{path} cannot be read ({error.strerror or error}).") from error


def file_facts(path: Path) -> dict[str, str]:
    """Return a file's size and the BLAKE2b digest of its content; raises OSError.

    Of a file over 64 MiB the first, the middle and the last 16 MiB are read.
    """
    size = path.stat().st_size
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb") as file:
        for start, end in _spans(size):
            file.seek(start)
            while start < end and (chunk := file.read(min(_CHUNK_BYTES, end - start))):
                digest.update(chunk)
                start += len(chunk)
    return {"size_bytes": str(size), "blake2": digest.hexdigest()}


def picture_facts(picture: Picture) -> dict[str, str]:
    """Return the size and digest of a picture's pixels: what a zoom starts from."""
    _, height, width = picture.shape
    digest = hashlib.blake2b(picture.astype("<f4").tobytes(), digest_size=_DIGEST_BYTES)
    return {"size_px": f"{width}x{height}", "blake2": digest.hexdigest()}


def _folder_facts(folder: Path) -> dict[str, str]:
    """Digest the names, sizes and times of change of a folder's pictures.

    Their contents may be many gigabytes; `cp -p` and `rsync -t` keep the times.
    """
    from ..media.pictures.picture_folder import natural_order  # loads what reads pictures

    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    paths = natural_order(folder)
    for path in paths:
        status = path.stat()
        told = f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(told.encode("utf-8", "surrogateescape"))  # names may be any bytes
    return {"pictures": str(len(paths)), "names_sizes_and_times": digest.hexdigest()}


def _spans(size: int) -> list[tuple[int, int]]:
    if size <= _WHOLE_BYTES:
        return [(0, size)]
    middle = (size - _PART_BYTES) // 2
    return [(start, start + _PART_BYTES) for start in (0, middle, size - _PART_BYTES)]


def as_words(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return nested settings as words by dotted key; a list is one value, because its parts have no names."""
    return {key: word for name, inner in tree.items() for key, word in _flattened(inner, name)}


def as_tree(words: Mapping[str, str]) -> dict[str, Any]:
    """Return the nested settings that `as_words` makes these words of.

    Numbers stay words where they would come back as others ("24.00"). Keys that are no settings stay whole;
    so do the names of targets, which may have dots. Raises ValueError for what nobody writes.
    """
    tree: dict[str, Any] = {}
    for key, word in words.items():
        table = tree
        *path, name = key.split(".", 2) if key.partition(".")[0].isidentifier() else [key]
        for part in path:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise ValueError(f"{part} is a setting, and a table of settings")
        table[name] = _value(word)
    return tree


def _value(word: str) -> Any:
    """Return the value behind a word, if it is that of no other word."""
    try:
        value = json.loads(word)
    except (ValueError, RecursionError):
        return word
    return value if json.dumps(value, sort_keys=True) == word else word


def _flattened(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield dotted keys; a list is one value, because its parts have no names."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flattened(inner, f"{key}.{name}")
    else:
        yield key, value if isinstance(value, str) else json.dumps(value, sort_keys=True)
