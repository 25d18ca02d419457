"""A checkpoint of something else, in use, or in a place that cannot be written is refused with the reason."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import lucidreel
from lucidreel.errors import OutputError, ResumeMismatchError
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.plan import CheckpointPlan, recorded_threads
from lucidreel.render.frames.frames import FilmFormat

# Keeps frames under a limit for the size of files (`ulimit -f`), which stands for a full disk; says what it
# is told, lifts the limit, and goes on in the same process.
CROWDED = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from lucidreel.errors import OutputError
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.plan import CheckpointPlan

limit, last = int(sys.argv[2]), int(sys.argv[3])
film = FilmFormat(24, 16, Fraction(1, 24), Fraction(1, 24), None)
checkpoint = Checkpoint.open(Path(sys.argv[1]), CheckpointPlan({}, {}, film, carries=False))
def keep(index):
    checkpoint.keep(index, Fraction(index, 24), np.full((16, 24, 3), index, np.uint8))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    for index in range(last):
        keep(index)
except OutputError as error:
    print(checkpoint.next_index, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert not list(Path(sys.argv[1]).glob(".*"))
for index in range(checkpoint.next_index, last):
    keep(index)
checkpoint.close()
"""

HOLDER = """
import sys
from pathlib import Path
from fractions import Fraction
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.plan import CheckpointPlan
film = FilmFormat(24, 16, Fraction(1, 24), Fraction(1, 24), None)
with Checkpoint.open(Path(sys.argv[1]), CheckpointPlan({}, {}, film)):
    print("open", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def kept(film: Any, folder: Path) -> Path:
    """Six kept frames."""
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
    return folder


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"settings": {"dream.iterations": "30", "device": "cpu"}}, "dream.iterations: 20 then, 30 now"),
        ({"settings": {"device": "cpu"}}, "dream.iterations: 20 then, nothing now"),
        ({"settings": {"dream.iterations": "20"}}, "device: cpu then, nothing now"),
        ({"source": {"size_bytes": "1000", "blake2": "00fe"}}, "source.blake2: 00ff then, 00fe now"),
        ({"cuts": (0, 5)}, "film.cuts: 0 4 9 then, 0 5 now"),
        ({"depth_bits": 16}, "film.depth_bits: 8 then, 16 now"),
        ({"carries": False}, "film.carries: true then, false now"),
    ],
)
def test_another_render_is_told_what_differs_and_changes_nothing(
    changed: dict[str, Any], words: str, kept: Path, film: Any, make_plan: Callable[..., CheckpointPlan]
) -> None:
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    with pytest.raises(ResumeMismatchError) as caught:
        Checkpoint.open(kept, make_plan(**changed))
    assert words in str(caught.value)
    assert "film.mp4.frames holds 6 frames" in str(caught.value) and "--restart" in str(caught.value)
    assert str(caught.value).count(" then, ") == 1
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 6


def test_at_most_eight_differences_are_listed_and_long_ones_are_cut(
    kept: Path, make_plan: Callable[..., CheckpointPlan]
) -> None:
    many = {f"dream.key{number}": "v" * 500 for number in range(20)}
    with pytest.raises(ResumeMismatchError, match="and 14 more") as caught:
        Checkpoint.open(kept, make_plan(settings=many))
    assert str(caught.value).count(" then, ") == 8
    assert len(str(caught.value)) < 1500


def test_another_version_of_the_program_is_a_difference(kept: Path, film: Any) -> None:
    plan = (kept / "ledger.toml").read_text(encoding="utf-8")
    assert plan.count(lucidreel.__version__) == 1
    (kept / "ledger.toml").write_text(plan.replace(lucidreel.__version__, "0.0.1"), encoding="utf-8")
    with pytest.raises(ResumeMismatchError, match=r"program.version: 0\.0\.1 then"):
        Checkpoint.open(kept, film.plan)


def test_second_render_is_refused_at_once_with_the_number_of_the_first(folder: Path, film: Any) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdin is not None and first.stdout is not None
        assert first.stdout.readline() == "open\n"
        for restart in (False, True):
            with pytest.raises(OutputError, match=f"is in use: process {first.pid} renders into it"):
                Checkpoint.open(folder, film.plan, restart=restart)
        first.kill()
    with Checkpoint.open(folder, film.plan, restart=True) as checkpoint:
        assert checkpoint.next_index == 0


def test_one_process_cannot_open_a_checkpoint_twice(folder: Path, film: Any) -> None:
    with Checkpoint.open(folder, film.plan), pytest.raises(OutputError, match=f"process {os.getpid()}"):
        Checkpoint.open(folder, film.plan)
    with Checkpoint.open(folder, film.plan):
        pass


@pytest.mark.parametrize("restart", [False, True])
def test_folder_that_is_no_checkpoint_is_not_touched(restart: bool, folder: Path, film: Any) -> None:
    folder.mkdir()
    (folder / "000001.png").write_bytes(b"a picture of somebody else")
    with pytest.raises(OutputError, match=r"holds 000001\.png and nothing that lucidreel wrote"):
        Checkpoint.open(folder, film.plan, restart=restart)
    assert [path.name for path in folder.iterdir()] == ["000001.png"]


def test_place_where_no_folder_can_be_is_refused(tmp_path: Path, film: Any) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "no" / "film.mp4.frames", tmp_path / ("n" * 300)):
        with pytest.raises(OutputError, match=r"frames cannot be kept there: .*can be written, then give"):
            Checkpoint.open(folder, film.plan)


@pytest.mark.skipif(os.name != "posix", reason="takes permissions away as POSIX has them")
def test_folder_without_permission_is_refused_and_goes_on_later(
    kept: Path, film: Any, bound_by_permissions: None
) -> None:
    with Checkpoint.open(kept, film.plan) as checkpoint:
        kept.chmod(0o500)
        with pytest.raises(OutputError, match=r"frame 7 cannot be kept: Permission denied.*can be written"):
            film.go_on(checkpoint, 7)
        kept.chmod(0o700)
        film.go_on(checkpoint, 8)
    kept.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        Checkpoint.open(kept, film.plan)
    kept.chmod(0o700)
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 8


def test_folder_that_vanishes_during_the_render_is_told(kept: Path, film: Any) -> None:
    missing = pytest.raises(OutputError, match="frame 7 cannot be kept: No such file or directory")
    with missing, Checkpoint.open(kept, film.plan) as checkpoint:
        kept.rename(kept.with_name("elsewhere"))
        film.go_on(checkpoint, 7)
    with Checkpoint.open(kept.with_name("elsewhere"), film.plan) as checkpoint:
        assert checkpoint.next_index == 6


@pytest.mark.skipif(sys.platform == "win32", reason="sets a limit that Windows does not have")
@pytest.mark.parametrize(("limit", "what"), [(1000, "frame 1 "), (1300, "frame 6")])
def test_disk_that_fills_up_costs_nothing_that_was_kept(limit: int, what: str, folder: Path) -> None:
    """A frame of 1229 bytes does not fit into 1000; into 1300 does not fit the journal of 60 frames."""
    ended = subprocess.run(
        [sys.executable, "-c", CROWDED, str(folder), str(limit), "70"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    kept_then, message = ended.stdout.split(" ", 1)
    assert what in message and "cannot be kept: File too large" in message
    assert "A frame takes 4.0 KiB: raise the limit, or free disk space, then give the same" in message
    assert int(kept_then) == (0 if limit == 1000 else int(message.split("frame ")[1].split()[0]) - 1)
    film = FilmFormat(24, 16, Fraction(1, 24), Fraction(1, 24), None)
    with Checkpoint.open(folder, CheckpointPlan({}, {}, film, carries=False)) as checkpoint:
        assert checkpoint.next_index == 70
        for index, time_s, pixels in checkpoint.finished():
            assert time_s == Fraction(index, 24) and (pixels == index).all()


@pytest.fixture
def small_disk(disk_of: Callable[[int], Path]) -> Path:
    return disk_of(256)


def test_render_on_a_full_disk_goes_on_when_there_is_room(small_disk: Path, film: Any) -> None:
    (small_disk / "ballast").write_bytes(bytes(160 * 1024))
    folder = small_disk / "film.mp4.frames"
    no_room = r"No space left.* The \d+ frames to come take .* is free: make another .* KiB free, then give"
    with (
        pytest.raises(OutputError, match=no_room),
        Checkpoint.open(folder, film.plan, False, 0) as checkpoint,
    ):
        film.go_on(checkpoint, 60)
    with (
        pytest.raises(OutputError, match=no_room),
        Checkpoint.open(folder, film.plan, False, 0) as checkpoint,
    ):
        assert checkpoint.next_index > 5
        film.check(checkpoint)
        film.go_on(checkpoint, 60)
    (small_disk / "ballast").unlink()
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 40)
        film.check(checkpoint)
        assert checkpoint.next_index == 40


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ('"2"', 2),
        ('"1024"', 1024),
        ('"1025"', None),
        ('"0"', None),
        ('"-2"', None),
        ('"two"', None),
        ("2", 2),
    ],
)
def test_only_a_number_of_threads_that_a_render_can_have_is_taken_from_a_checkpoint(
    told: str, count: int | None, tmp_path: Path
) -> None:
    plan = tmp_path / "ledger.toml"
    plan.write_text(f"format = 1\n[settings]\nthreads = {told}\n", encoding="utf-8")
    assert recorded_threads(plan) == count
