"""`--restart` helps whatever has happened to a checkpoint, and touches nothing that is not lucidreel's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from lucidreel.errors import LucidreelError, OutputError, ResumeMismatchError
from lucidreel.render.checkpoint.checkpoint import Checkpoint

NAMES = ("ledger.toml", "journal.txt", "carry.state", "000002.png", "complete.txt", "lock", "holder")


@pytest.fixture
def kept(film: Any, folder: Path) -> Path:
    """Six kept frames, as a killed render leaves them."""
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
    for name in ("lock", "holder", "complete.txt"):
        (folder / name).touch()
    return folder


def lost(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def hostile(path: Path) -> None:
    path.write_bytes(b"a = " + b"[" * 100_000)


def of_another_version(path: Path) -> None:
    path.write_text('format = 99\n[film]\nreels = "two"\n')


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size or 10))


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "theirs.txt").write_text("mine")


def dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent.parent / "nowhere")


def link_out(path: Path) -> None:
    path.unlink()
    (path.parent.parent / "diary.txt").write_text("mine")
    path.symlink_to(path.parent.parent / "diary.txt")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.skipif(os.name != "posix", reason="makes links and pipes")
@pytest.mark.parametrize(
    "damage",
    [lost, emptied, hostile, of_another_version, zeroed, folder_instead, dangling_link, link_out, pipe],
)
@pytest.mark.parametrize("name", NAMES)
def test_any_damage_to_any_file_is_helped_by_a_restart(
    name: str, damage: Callable[[Path], None], kept: Path, film: Any
) -> None:
    damage(kept / name)
    try:
        with Checkpoint.open(kept, film.plan) as checkpoint:
            film.go_on(checkpoint, 8)
            film.check(checkpoint)
    except ResumeMismatchError as error:
        assert "--restart" in str(error)
    with Checkpoint.open(kept, film.plan, restart=True) as checkpoint:
        assert checkpoint.next_index == 0
        film.go_on(checkpoint, 8)
        film.check(checkpoint)
        checkpoint.remove()
    assert not (kept.parent / "nowhere").exists()
    if damage is link_out:
        assert (kept.parent / "diary.txt").read_text() == "mine"
    if damage is folder_instead:
        assert [path.name for path in kept.iterdir()] == [f"{name}.aside-1"]
        assert (kept / f"{name}.aside-1" / "theirs.txt").read_text() == "mine"
    else:
        assert not kept.exists()


@pytest.mark.parametrize("missing", ["ledger.toml", "ledger.toml journal.txt", "ledger.toml carry.state"])
def test_what_is_left_of_a_checkpoint_tells_whose_it_is(missing: str, kept: Path, film: Any) -> None:
    for name in missing.split():
        (kept / name).unlink()
    (kept / "complete.txt").unlink()
    (kept / "notes.txt").write_text("mine")
    with pytest.raises(ResumeMismatchError, match=r"ledger\.toml is missing.*--restart, which drops them"):
        Checkpoint.open(kept, film.plan)
    assert (kept / "000001.png").exists()
    with Checkpoint.open(kept, film.plan, restart=True) as checkpoint:
        checkpoint.remove()
    assert [path.name for path in kept.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "theirs",
    [
        {"000001.png": b"mine"},
        {"000001.png": b"mine", "ledger.toml": b"[accounts]\nrent = 1\n"},
        {"journal.txt": b"Monday. Rain.\n"},
        {"carry.state": b"Ohio\n", "complete.txt": b"done\n"},
        {".download.part": b"mine"},
        {"lock/key": b"mine"},
    ],
)
@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_of_somebody_elses_is_not_touched(
    restart: bool, theirs: dict[str, bytes], folder: Path, film: Any
) -> None:
    for name, content in theirs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with pytest.raises(OutputError, match=r"nothing that lucidreel wrote\. Move the folder away"):
        Checkpoint.open(folder, film.plan, restart=restart)
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == theirs


@pytest.mark.skipif(os.name != "posix", reason="makes links")
def test_a_link_to_a_folder_on_another_disk_is_used_and_stays(
    tmp_path: Path, folder: Path, film: Any
) -> None:
    (tmp_path / "disk").mkdir()
    folder.symlink_to(tmp_path / "disk")
    for restart in (False, True):
        with Checkpoint.open(folder, film.plan, restart=restart) as checkpoint:
            film.go_on(checkpoint, 3)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 3
        checkpoint.remove()
    assert folder.is_symlink() and not list((tmp_path / "disk").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="takes permissions away as POSIX has them")
@pytest.mark.parametrize("name", ["ledger.toml", "journal.txt", "carry.state", "000002.png"])
def test_files_that_may_not_be_read_are_helped_by_a_restart(
    name: str, kept: Path, film: Any, bound_by_permissions: None
) -> None:
    (kept / name).chmod(0)
    with pytest.raises(LucidreelError) if name in ("ledger.toml", "journal.txt") else nullcontext():
        Checkpoint.open(kept, film.plan).close()
    with Checkpoint.open(kept, film.plan, restart=True) as checkpoint:
        assert checkpoint.next_index == 0
        checkpoint.remove()
    assert not kept.exists()


def test_a_full_disk_is_relieved_by_a_restart(disk_of: Callable[[int], Path], film: Any) -> None:
    disk = disk_of(256)
    folder = disk / "film.mp4.frames"
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
    for size in (65536, 4096, 1):
        for number in range(100):
            try:
                (disk / f"ballast-{size}-{number}").write_bytes(bytes(size))
            except OSError:
                break
    assert shutil.disk_usage(disk).free == 0
    with Checkpoint.open(folder, film.plan, restart=True) as checkpoint:
        film.go_on(checkpoint, 2)
        film.check(checkpoint)
