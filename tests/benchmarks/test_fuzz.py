"""The targets fed with hostile files: what they begin with is right, and what is changed keeps its form."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from lucidreel.benchmarks.fuzz.campaign import Outcome
from lucidreel.benchmarks.fuzz.findings import find_fault
from lucidreel.benchmarks.fuzz.mutation import fields_of, message_of, of_messages, of_words
from lucidreel.benchmarks.fuzz.record import table
from lucidreel.benchmarks.fuzz.table import NAMES, load_target
from lucidreel.benchmarks.fuzz.target import Target
from lucidreel.errors import LucidreelError


@pytest.mark.parametrize("name", NAMES)
def test_right_files_and_a_few_changed_ones_show_no_fault(name: str, tmp_path: Path) -> None:
    target = load_target(name)
    if not (seeds := target.own_seeds):
        pytest.skip("its seeds are in the folder that LUCIDREEL_SHARED names")
    random, change = Random(name), target.mutation(seeds)
    changed = [change(random.choice(seeds), random)[: target.most_bytes] for _ in range(30)]
    for data in [*seeds[:8], *changed]:
        found = find_fault(target, data, tmp_path)
        assert found is None, found.details


def reading(read: object) -> Target:
    return Target("for a test", read, lambda: [b"a"], of_words)  # type: ignore[arg-type]


def test_what_no_reader_may_do_is_a_finding(tmp_path: Path) -> None:
    def crash(data: bytes, folder: Path) -> None:
        raise KeyError(data)

    def torn(data: bytes, folder: Path) -> None:
        error = LucidreelError("all is well")
        error.args = ("two\x1b[31m\nlines",)
        raise error

    found = [find_fault(reading(each), b"x", tmp_path) for each in (crash, torn)]
    assert [each.what.split(" in ")[0] for each in found if each] == [
        "KeyError",
        "a message that cannot be printed",
    ]


def test_an_error_of_lucidreels_own_is_no_finding(tmp_path: Path) -> None:
    def refuse(data: bytes, folder: Path) -> None:
        raise LucidreelError(f"{data!r} is no file.")

    assert find_fault(reading(refuse), b"\x1b\n" * 5000, tmp_path) is None


def test_campaigns_of_a_target_are_added_up() -> None:
    lines = [str(Outcome("npy", 1500, 30.2, 60.0, seen, 0, 1)) for seen in (7, 5)]
    row = table([*lines, "Traceback", ""]).splitlines()[2:]
    assert row == ["| `npy` | 3,000 | 1.0 | 2 | 7 |"]


def test_messages_keep_their_form_when_their_fields_are_changed() -> None:
    seed = b"\x0a\x05\x0a\x03abc\x10\x96\x01\x2d\x00\x00\x80\x3f"
    fields = fields_of(seed)
    assert fields is not None and message_of(fields) == seed
    change, random = of_messages([seed]), Random(0)
    changed = [change(seed, random) for _ in range(200)]
    assert len(set(changed)) > 100
    assert sum(fields_of(each) is not None for each in changed) > 150
