"""Memory as the machine and its containers have it."""

from __future__ import annotations

from mmap import mmap
from pathlib import Path

import pytest
import torch

from lucidreel.dream.memory import (
    container_limits,
    free_mib,
    half_of_memory_mib,
    peak_mib,
    taken_mib,
    total_mib,
)

CPU = torch.device("cpu")
GIB = 2**30
NO_LIMIT = 9223372036854771712  # how version 1 writes that there is none


def write(root: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", encoding="ascii")
    return root


def group(version: int, folder: str, most: object, used: int, cached: int = 0) -> dict[str, object]:
    """The files of one group, as either version of Linux's control groups has them."""
    top = f"sys/fs/cgroup/{folder}" if version == 2 else f"sys/fs/cgroup/memory/{folder}"
    names = ("max", "current") if version == 2 else ("limit_in_bytes", "usage_in_bytes")
    cache = "inactive_file" if version == 2 else "total_inactive_file"
    return {
        f"{top}/memory.{names[0]}": most,
        f"{top}/memory.{names[1]}": used,
        f"{top}/memory.stat": f"anon 5\n{cache} {cached}",
    }


@pytest.mark.parametrize(("version", "line"), [(2, "0::/jobs/mine"), (1, "4:cpu,memory:/jobs/mine")])
def test_every_group_around_a_process_limits_it(tmp_path: Path, version: int, line: str) -> None:
    root = write(
        tmp_path,
        {"proc/self/cgroup": line}
        | group(version, "jobs/mine", 4 * GIB, GIB)
        | group(version, "jobs", 8 * GIB, 7 * GIB),
    )
    assert [(limit.most, limit.left) for limit in container_limits(root)] == [
        (4 * GIB, 3 * GIB),
        (8 * GIB, GIB),
    ]


@pytest.mark.parametrize(("version", "line"), [(2, "0::/"), (2, "0::/../.."), (1, "9:memory:/docker/a1b2")])
def test_a_container_finds_its_limit_at_the_top(tmp_path: Path, version: int, line: str) -> None:
    root = write(tmp_path, {"proc/self/cgroup": line} | group(version, "", 2 * GIB, GIB))
    assert [limit.left for limit in container_limits(root)] == [GIB]


@pytest.mark.parametrize(("version", "line"), [(2, "0::/"), (1, "9:memory:/")])
def test_cached_files_are_let_go_when_room_is_short(tmp_path: Path, version: int, line: str) -> None:
    root = write(tmp_path, {"proc/self/cgroup": line} | group(version, "", 2 * GIB, 2 * GIB, cached=GIB))
    assert [limit.left for limit in container_limits(root)] == [GIB]


def test_both_versions_at_once_are_both_looked_at(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {"proc/self/cgroup": "4:memory:/a\n1:name=systemd:/b\n0::/c"}
        | group(1, "a", GIB, 0)
        | group(2, "c", 3 * GIB, 0),
    )
    assert [limit.most for limit in container_limits(root)] == [GIB, 3 * GIB]


def test_more_used_than_allowed_leaves_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, {"proc/self/cgroup": "0::/"} | group(2, "", GIB, 2 * GIB))
    assert [limit.left for limit in container_limits(root)] == [0]


def test_without_limits_or_without_groups_nothing_limits(tmp_path: Path) -> None:
    assert list(container_limits(tmp_path)) == []
    write(tmp_path, {"proc/self/cgroup": "nonsense\n0::/"} | group(2, "", "max", GIB))
    assert list(container_limits(tmp_path)) == []
    write(tmp_path, {"proc/self/cgroup": "4:memory:/"} | group(1, "", NO_LIMIT, GIB))
    assert all(limit.most > 2**62 for limit in container_limits(tmp_path))


def test_a_limit_below_the_machines_memory_is_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path, {"proc/self/cgroup": "0::/"} | group(2, "", 64 * 2**20, 48 * 2**20))
    limits = list(container_limits(root))
    monkeypatch.setattr("lucidreel.dream.memory.container_limits", lambda: iter(limits))
    assert (total_mib(CPU), free_mib(CPU), half_of_memory_mib(CPU)) == (64, 16, 32)


def test_free_memory_is_between_nothing_and_all() -> None:
    assert 10 < free_mib(CPU) < total_mib(CPU) < 2**24


def test_the_peak_remembers_memory_that_was_given_back() -> None:
    """64 MiB from the system itself, past what the process keeps, touched so that they are really there."""
    before = taken_mib(CPU)
    with mmap(-1, 64 * 2**20) as block:
        block.write(b"1" * len(block))
        with_it = taken_mib(CPU)
    assert with_it > before + 50
    assert peak_mib(CPU) > before + 50
    assert taken_mib(CPU) < with_it - 50
