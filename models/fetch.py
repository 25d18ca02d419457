"""Downloading published networks into the user's folder.

A network arrives as a whole or not at all: files are collected in a hidden folder beside the final one, which
is renamed at the end. Where the authors published a checksum it is verified, and an interrupted download goes
on where it stopped; without a checksum nothing could tell two versions apart, so it starts over. A file that
neither a checksum nor https vouches for is reported as unverified while it comes.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import ModelFileError, suggestion
from .facts import FACTS_FILE
from .registry import NetworkEntry, list_networks, models_folder
from .zoo import ZOO, ZooFile, ZooNetwork

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name (marked where unverified), the bytes so far, and in all if the server says."""

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0


def fetch_network(name: str, progress: Progress | None = None) -> NetworkEntry:
    """Download a known network and return its entry; nothing is done when it is there already.

    Raises ModelFileError for an unknown name, a failing download or a wrong checksum.
    """
    entry = next((entry for entry in list_networks() if entry.name == name), None)
    if entry is not None and entry.folder is not None:
        return entry
    if name not in ZOO:
        raise ModelFileError(
            f"Network {name!r} is not known.{suggestion(name, ZOO)} Known: {', '.join(ZOO)}."
        )
    known = ZOO[name]
    work = models_folder() / f".{name}.partial"
    work.mkdir(parents=True, exist_ok=True)
    for file in known.files:
        if not (work / file.name).exists():
            _fetch_file(file, work, progress or _silent, f"models fetch {name}")
    (work / FACTS_FILE).write_text(_facts_text(known), encoding="utf-8")
    from .folder import load_folder  # loads torch, for which a wrong name need not wait

    load_folder(work, name)
    final = models_folder() / name
    work.rename(final)
    return NetworkEntry(name, known.title, known.licence, known.source, final)


def _fetch_file(file: ZooFile, work: Path, progress: Progress, command: str) -> None:
    """Download one file into the folder under its final name, verified and unpacked."""
    part = work / f"{file.url.rpartition('/')[2]}.part"
    if file.sha1 is None:
        part.unlink(missing_ok=True)
    try:
        _download(file.url, part, _labelled(progress, file))
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ModelFileError(
            f"{file.url}: cannot be downloaded ({reason}). Check the connection and run "
            f"`lucidreel {command}` again; or get the files by other means and use "
            "`lucidreel models add FOLDER`."
        ) from error
    if file.sha1 is not None and (found := _sha1(part)) != file.sha1:
        part.unlink()
        raise ModelFileError(
            f"{file.url}: the download has the checksum {found}, not the published {file.sha1}. "
            f"It was removed; run `lucidreel {command}` again."
        )
    if file.member is None:
        part.rename(work / file.name)
    else:
        _unpack(part, file, work)
        part.unlink()


def _labelled(progress: Progress, file: ZooFile) -> Callable[[int, int | None], None]:
    """Return a progress that is told the bytes alone."""
    served = file.url.rpartition("/")[2]
    return partial(progress, served if file.vouched_for else f"{served} (unverified)")


def _download(url: str, part: Path, progress: Callable[[int, int | None], None]) -> None:
    """Append what is missing to a partial file, or write it anew when the server cannot continue."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send: the file is complete
            return
        raise
    with answer:
        continues = answer.status == 206
        length = answer.headers.get("Content-Length")
        done = have if continues else 0
        total = done + int(length) if length is not None else None
        with part.open("ab" if continues else "wb") as sink:
            while chunk := answer.read(CHUNK_BYTES):
                sink.write(chunk)
                done += len(chunk)
                progress(done, total)
    if total is not None and done < total:
        raise OSError(f"the connection ended after {done:,} of {total:,} bytes")


def _unpack(archive: Path, file: ZooFile, work: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            member = tar.extractfile(file.member or "")
            if member is None:
                raise KeyError(file.member)
            with member, (work / file.name).open("wb") as sink:
                shutil.copyfileobj(member, sink)
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        (work / file.name).unlink(missing_ok=True)
        raise ModelFileError(f"{file.url}: the archive does not hold {file.member} ({error}).") from error


def _sha1(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def _facts_text(known: ZooNetwork) -> str:
    import tomli_w

    facts = {"title": known.title, "source": known.source, "licence": known.licence, **known.facts}
    return tomli_w.dumps(facts)


def _silent(name: str, done: int, total: int | None) -> None:
    """Report nothing."""
