"""Downloading published networks into the user's folder.

A network arrives as a whole or not at all: files are collected in a hidden folder beside the final one, which
is renamed at the end. Where the authors published a checksum it is verified, and an interrupted download goes
on where it stopped; without a checksum nothing could tell two versions apart, so it starts over. A file that
neither a checksum nor https vouches for is reported as unverified while it comes.

What arrived without a checksum may be anything, the login page of a hotel's network among them. So when the
network then does not load, those files are removed, and the next attempt fetches them again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...errors import ModelFileError, suggestion
from ..model_folder import LABELS_FILE, METADATA_FILE
from .connection import DownloadError, Timeouts
from .download import download
from .published import ZooFile, ZooNetwork, published_networks
from .recognise import checksum
from .registry import NetworkEntry, list_networks
from .unpack import unpack_member
from .user_folder import models_folder

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name (marked where unverified), the bytes so far, and in all if the server says."""


def fetch_network(
    name: str, progress: Progress | None = None, timeouts: Timeouts | None = None
) -> NetworkEntry:
    """Download a known network and return its entry; nothing is done when it is there already.

    Raises ModelFileError for an unknown name, a failing download, a wrong checksum, or files that do not
    load.
    """
    zoo = published_networks()
    entry = next((entry for entry in list_networks() if entry.name == name), None)
    if entry is not None and entry.folder is not None:
        return entry
    if entry is not None and name not in zoo:
        raise ModelFileError(f"Network {name!r} is not downloaded by itself: `{entry.get_with}` brings it.")
    if name not in zoo:
        raise ModelFileError(
            f"Network {name!r} is not known.{suggestion(name, zoo)} Known: {', '.join(zoo)}."
        )
    if zoo[name].by_hand:
        raise ModelFileError(f"Network {name!r} is not downloaded by itself: {zoo[name].by_hand}")
    known, final = zoo[name], models_folder() / name
    work = _work_folder(name, final)
    try:
        for file in known.files:
            if not (work / file.name).is_file():
                _fetch_file(file, work, progress or _silent, name, timeouts)
        _check(name, known, work)
        work.rename(final)
    except OSError as error:
        raise ModelFileError(f"{final}: cannot be written: {error}") from error
    finally:
        _remove_if_empty(work)
    return NetworkEntry(name, known.title, known.licence, known.source, final)


def _work_folder(name: str, final: Path) -> Path:
    """Make the folder that files are collected in; ModelFileError where it or the final one cannot be."""
    work = final.with_name(f".{name}.partial")
    if final.is_symlink() or final.exists():
        raise ModelFileError(
            f"{final}: is there already, and is no network. Move it away, and run "
            f"`lucidreel models fetch {name}` again."
        )
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelFileError(
            f"{work}: this folder cannot be made ({error.strerror}). LUCIDREEL_HOME names another place."
        ) from error
    return work


def _fetch_file(file: ZooFile, work: Path, progress: Progress, name: str, timeouts: Timeouts | None) -> None:
    """Download one file into the folder under its final name, verified and unpacked."""
    url, pinned = file.urls[0], file.sha256 or file.sha1
    kind = "sha256" if file.sha256 else "sha1"
    part = work / f"{url.rpartition('/')[2]}.part"
    if pinned is None:
        part.unlink(missing_ok=True)
    keep = False
    try:
        download(url, part, _largest_bytes(file), _labelled(progress, file), timeouts)
        if pinned is not None and (found := checksum(part, kind)) != pinned:
            raise DownloadError(f"it has the checksum {found}, not the published {pinned}")
        if file.member is None:
            part.rename(work / file.name)
        else:
            unpack_member(part, file.member, work / file.name, _largest_bytes(file))
    except DownloadError as error:
        keep = error.resumable and pinned is not None and part.is_file() and part.stat().st_size > 0
        again = (
            f"`lucidreel models fetch {name}` goes on where it stopped"
            if keep
            else (f"run `lucidreel models fetch {name}` again")
        )
        raise ModelFileError(
            f"{url}: cannot be downloaded: {error}. Check the connection; {again}. Or get the files by "
            "other means and use `lucidreel models add FOLDER`."
        ) from error
    except KeyboardInterrupt:
        keep = pinned is not None
        raise
    finally:
        if not keep:
            part.unlink(missing_ok=True)


def _check(name: str, known: ZooNetwork, work: Path) -> None:
    """Load what was collected; where it does not load, remove what no checksum vouches for."""
    metadata, labels = work / METADATA_FILE, work / LABELS_FILE
    metadata.write_text(_metadata_text(known), encoding="utf-8")
    if known.labels:
        labels.write_text("".join(f"{label}\n" for label in known.labels), encoding="utf-8")
    from ..load import load_folder  # loads torch, for which a wrong name need not wait

    try:
        load_folder(work, name)
    except ModelFileError as error:
        for file in known.files:
            if file.sha256 is None and file.sha1 is None:
                (work / file.name).unlink(missing_ok=True)
        raise ModelFileError(
            f"{name}: what was downloaded is not this network, and was removed where no checksum vouches for "
            f"it. Run `lucidreel models fetch {name}` again, maybe from another network. ({error})"
        ) from error
    finally:
        if not all((work / file.name).is_file() for file in known.files):
            for written in (metadata, labels):
                written.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    """Remove a folder that holds nothing to go on with."""
    try:
        folder.rmdir()
    except OSError:
        return  # it holds something, or was renamed


def _labelled(progress: Progress, file: ZooFile) -> Callable[[int, int | None], None]:
    """Return a progress that is told the bytes alone."""
    served = file.urls[0].rpartition("/")[2]
    verified = file.sha256 or file.sha1 or file.urls[0].startswith("https:")
    return partial(progress, served if verified else f"{served} (unverified)")


def _largest_bytes(file: ZooFile) -> int:
    """Return more than a file can have: weights of that time have up to 600 MB, text some kilobytes."""
    return 1 << 30 if file.member or file.name.endswith(".caffemodel") else 4 << 20


def _metadata_text(known: ZooNetwork) -> str:
    import tomli_w

    metadata = {"title": known.title, "source": known.source, "licence": known.licence, **known.metadata}
    return tomli_w.dumps(metadata)


def _silent(name: str, done: int, total: int | None) -> None:
    """Report nothing."""
