"""Two renders on one shared folder, where the lock of one machine means nothing to the other."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import filelock
import pytest

from lucidreel.errors import OutputError
from lucidreel.render.checkpoint import lock as holder
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.lock import Beating


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "BEAT_S", 0.2)


@pytest.fixture
def other_machine(folder: Path) -> Iterator[None]:
    """A render at work on another machine: nothing of it is seen but its file, which changes."""
    folder.mkdir()
    ended, path = Event(), folder / "holder"
    path.write_text("4711 elsewhere 000000000\n")

    def beat() -> None:
        number = 0
        while not ended.wait(0.1):
            number += 1
            path.write_text(f"4711 elsewhere {number:09d}\n")

    thread = Thread(target=beat)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("other_machine")
@pytest.mark.parametrize("restart", [False, True])
def test_a_render_on_another_machine_is_named(restart: bool, folder: Path, film: Any) -> None:
    with pytest.raises(OutputError, match=r"is in use: process 4711 on elsewhere renders into it"):
        Checkpoint.open(folder, film.plan, restart=restart)
    assert {path.name for path in folder.iterdir()} <= {"holder", "lock"}


def test_a_render_that_was_killed_on_another_machine_is_gone_on_with(folder: Path, film: Any) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
    (folder / "holder").write_text("4711 elsewhere 000000017\n")
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 6
        film.go_on(checkpoint, 9)
        film.check(checkpoint)
    assert not (folder / "holder").exists()


def test_without_locks_the_holder_alone_is_asked(
    folder: Path, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", no_locks)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 3)
        with pytest.raises(OutputError, match="is in use: process"):
            Checkpoint.open(folder, film.plan)
        film.go_on(checkpoint, 6)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 6


def test_a_holder_beats_until_it_is_stopped_and_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "holder"
    beating = Beating(path)
    first = holder.read_holder(path)
    assert first is not None and holder.is_alive(path, first)
    path.unlink()
    Event().wait(0.5)
    assert not path.exists()
    beating.stop()


@pytest.mark.parametrize("text", ["", "12", "12 here", "x here 1", "1 here x", "1 2 3 4", "\x00\x00\x00"])
def test_a_torn_holder_names_nobody(text: str, folder: Path, film: Any) -> None:
    folder.mkdir()
    (folder / "holder").write_text(text)
    assert holder.read_holder(folder / "holder") is None
    Checkpoint.open(folder, film.plan).close()
