"""Downloading published networks into the user's folder.

A network arrives as a whole or not at all: files are collected in a hidden folder beside the final one, which
is renamed at the end. What has come of them stays there when a download is interrupted, and is gone on with.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors import ModelFileError, suggestion
from .connection import Patience
from .download import AllServersFailError, bytes_in, download
from .events import DownloadEvent, FileBegins, Listener
from .published import ZooFile, ZooNetwork, published_networks
from .recognise import checksum
from .registry import NetworkEntry, list_networks
from .user_folder import cannot_write, models_folder

SPARE_BYTES = 64 << 20
"""Disk space that a download leaves free."""
_LOCK_NAME = ".lock"


@dataclass(frozen=True)
class FetchPlan:
    """What fetching a published network brings, and where to."""

    network: ZooNetwork
    folder: Path

    @property
    def size_bytes(self) -> int:
        """How much that is in all."""
        return self.network.size_bytes or 0

    @property
    def work(self) -> Path:
        """The folder in which the files are collected."""
        return self.folder.with_name(f".{self.folder.name}.partial")

    @property
    def have_bytes(self) -> int:
        """How much of it has come before."""
        return sum(_bytes_here(file, self.work) for file in self.network.files)


def plan_fetch(name: str) -> FetchPlan | NetworkEntry:
    """Return what fetching a network would bring, or the network itself where it is here already.

    Nothing is asked of any server. Raises ModelFileError for an unknown name, and for a network that is not
    to be had by its name alone, with how to get it.
    """
    zoo = published_networks()
    entry = next((entry for entry in list_networks() if entry.name == name), None)
    if entry is not None and entry.folder is not None:
        return entry
    if entry is not None and name not in zoo:
        raise ModelFileError(f"Network {name!r} is not downloaded by itself: `{entry.get_with}` brings it.")
    if name not in zoo:
        raise ModelFileError(
            f"Network {name!r} is not known.{suggestion(name, zoo)} `lucidreel models list` lists the names."
        )
    network = zoo[name]
    if network.by_hand:
        raise ModelFileError(f"Network {name!r} has to be got by hand: {network.by_hand}")
    return FetchPlan(network, models_folder() / name)


def fetch_network(name: str, tell: Listener | None = None, patience: Patience | None = None) -> NetworkEntry:
    """Download a published network and return its entry; nothing is done when it is here already.

    Raises ModelFileError for what `plan_fetch` refuses, a full disk, and files that no server sends.
    """
    plan = plan_fetch(name)
    if isinstance(plan, NetworkEntry):
        return plan
    try:
        with _alone_in(plan):
            check_space([plan])
            for file in plan.network.files:
                _fetch_file(file, plan, tell or _silent, patience)
            _drop_leftovers(plan)
            plan.network.describe_in(plan.work)
        plan.work.rename(plan.folder)
    except OSError as error:
        raise cannot_write(plan.folder, error) from error
    finally:
        with suppress(OSError):  # it holds something to go on with, or was renamed
            plan.work.rmdir()
    network = plan.network
    return NetworkEntry(name, network.title, network.licence, network.source, plan.folder)


def check_space(plans: list[FetchPlan]) -> None:
    """Raise ModelFileError where the disk has no room for all that is still to come."""
    if not plans:
        return
    needed = sum(plan.size_bytes - plan.have_bytes for plan in plans)
    folder = next(each for each in (plans[0].work, *plans[0].work.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise ModelFileError(
            f"{needed / 1e6:,.0f} MB are to come, and {folder} has {free / 1e6:,.0f} MB of disk space left. "
            "Make room, or name a folder on another disk in LUCIDREEL_HOME."
        )


@contextmanager
def _alone_in(plan: FetchPlan) -> Iterator[None]:
    """Make the folder in which files are collected, for this process alone until the end."""
    from filelock import FileLock, Timeout  # loads asyncio

    again = f"run `lucidreel models fetch {plan.network.name}` again."
    if plan.folder.is_symlink() or plan.folder.exists():
        raise ModelFileError(f"{plan.folder}: is there already, and is no network. Move it away, and {again}")
    try:
        plan.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(plan.folder, error) from error
    lock = FileLock(plan.work / _LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ModelFileError(
            f"{plan.network.name}: another lucidreel is fetching it. Wait for it to end, or {again}"
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes it when it is released
            (plan.work / _LOCK_NAME).unlink()
        lock.release()


def _fetch_file(file: ZooFile, plan: FetchPlan, tell: Listener, patience: Patience | None) -> None:
    """Download one file into the folder under its final name, unless it is there."""
    done = plan.work / file.name
    if done.is_file() and checksum(done) == file.sha256:
        return
    part = _part(file, plan.work)
    tell(FileBegins(file.name, file.size_bytes or 0, bytes_in(part)))
    try:
        download(file, part, tell, patience)
    except AllServersFailError as error:
        again = f"`lucidreel models fetch {plan.network.name}`"
        raise ModelFileError(
            f"{file.name} cannot be downloaded from any server. Check the connection; "
            + (f"{again} goes on where it stopped." if bytes_in(part) else f"run {again} again.")
            + " Or get the files by other means, and give their folder to "
            f"`lucidreel models add FOLDER --name {plan.network.name}`.",
            lines=[f"{url}: {reason}" for url, reason in error.reasons.items()],
        ) from error
    part.replace(done)


def _drop_leftovers(plan: FetchPlan) -> None:
    """Remove what was begun when other files were published of the network."""
    names = {_LOCK_NAME, *(file.name for file in plan.network.files)}
    for path in plan.work.iterdir():
        if path.name not in names:
            path.unlink()


def _part(file: ZooFile, work: Path) -> Path:
    """Return where a file lies until it is complete: under its checksum, for its name may get another."""
    return work / f"{str(file.sha256)[:16]}.part"


def _bytes_here(file: ZooFile, work: Path) -> int:
    done = work / file.name
    return done.stat().st_size if done.is_file() else bytes_in(_part(file, work))


def _silent(event: DownloadEvent) -> None:
    """Tell nobody."""
