"""Taking a network's files out of an archive (.zip, .tar, .tar.gz and the like), whatever the archive is.

Only regular files of the kinds that a network is made of are taken, by their names without folders: paths and
links in an archive may lead anywhere. What a few kilobytes unpack to can be terabytes, so bytes are counted.
"""

from __future__ import annotations

import errno
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Self

from ...errors import ModelFileError
from ..model_folder import METADATA_FILE, may_be_labels

SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
MOST_MEMBERS = 10_000
MOST_BYTES = 4 << 30
"""How much may come out of an archive; the largest networks of the zoo have 600 MB."""

_WORDS = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip
_MOST_WORDS_BYTES = 1 << 20
_OF_ITS_CONTENT = (None, errno.EINVAL)
"""Errors of decoders, and of a place before a file's beginning; all others are the disk's."""
_TAKEN = (".prototxt", ".protxt", ".caffemodel", ".npy", ".binaryproto", ".onnx")
_MISSPELT = ".protxt"  # as in googlenet_places205.tar.gz


class _Header(tarfile.TarInfo):
    """A member's header; tarfile reads the long names and words that stand before one into memory whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header. Raises ReadError for one that wants more memory than words can need."""
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in _WORDS and header.size > _MOST_WORDS_BYTES):
            raise tarfile.ReadError("one of its headers is of an impossible size")
        return header


def is_archive(path: Path) -> bool:
    """Tell whether a file is named as archives are."""
    return path.suffix.lower() in SUFFIXES


def unpack_network(archive: Path, folder: Path, most_bytes: int = MOST_BYTES) -> list[Path]:
    """Write the files of a network in an archive into a folder, and return them.

    Raises ModelFileError for what is no archive, or holds no such file, two of one name, or too much; OSError
    where the folder cannot be written.
    """
    unpacked: list[Path] = []
    try:
        with _members(archive) as members:
            for count, (name, size_bytes, content) in enumerate(members, 1):
                most_bytes -= size_bytes
                if count > MOST_MEMBERS or most_bytes < 0:
                    raise ModelFileError(
                        f"{archive}: holds more than a network does. Unpack it yourself, and give the files."
                    )
                plain = Path(PurePosixPath(name.replace("\\", "/")).name)
                if content is None or not _belongs_to_a_network(plain):
                    continue
                target = folder / (plain.with_suffix(".prototxt") if plain.suffix == _MISSPELT else plain)
                if target in unpacked:
                    raise ModelFileError(
                        f"{archive}: holds several files called {plain}. Unpack it, and give those of one "
                        "network."
                    )
                with target.open("xb") as sink:
                    shutil.copyfileobj(content, sink, 1 << 20)
                unpacked.append(target)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError,
            RuntimeError, NotImplementedError) as error:  # fmt: skip
        raise ModelFileError(f"{archive}: cannot be unpacked ({error}). Is it whole?") from error
    except OSError as error:
        if error.errno not in _OF_ITS_CONTENT:
            raise
        raise ModelFileError(f"{archive}: cannot be unpacked ({error}). Is it whole?") from error
    if not unpacked:
        raise ModelFileError(f"{archive}: holds no file of a network (no {', '.join(_TAKEN)}).")
    return unpacked


def _belongs_to_a_network(path: Path) -> bool:
    hidden = path.name.startswith(".")  # macOS puts "._deploy.prototxt" beside "deploy.prototxt"
    return not hidden and (path.suffix in _TAKEN or path.name == METADATA_FILE or may_be_labels(path))


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, int, IO[bytes] | None]]]:
    """Give name, size and content of every member in turn; None for what is no regular file."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            yield (
                (each.filename, each.file_size, None if each.is_dir() else packed.open(each))
                for each in packed.infolist()
                if each.filename
            )
        return
    with tarfile.open(archive, "r|*", tarinfo=_Header) as tar:
        yield ((each.name, each.size, tar.extractfile(each) if each.isreg() else None) for each in tar)
