"""The benchmark reads what the program says as it is meant."""

from __future__ import annotations

import pytest

from lucidreel.benchmarks.estimate import Outcome, quantity, row
from lucidreel.commands.report import format_duration, format_memory


@pytest.mark.parametrize("seconds", [0.42, 4.2, 48.0, 403.0, 7500.0, 100_800.0])
def test_durations_are_read_as_they_were_written(seconds: float) -> None:
    assert quantity(format_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize("mib", [690.0, 1024.0, 1536.0])
def test_memory_is_read_as_it_was_written(mib: float) -> None:
    assert quantity(format_memory(mib)) == pytest.approx(mib)


def test_a_row_compares_what_was_told_with_what_came() -> None:
    assert row("bestiary", "64x64", "still", Outcome(9.0, 500.0, 10.0, 400.0, 0.5)) == (
        "| bestiary | 64x64 | still | 9.0 | 10.0 | 0.90 | 500 | 400 | 1.25 | 0.5 |"
    )
    assert row("bestiary", "64x64", "still", Outcome(None, None, 1.0, 400.0, 0.5)) == (
        "| bestiary | 64x64 | still | - | 1.0 | - | - | 400 | - | 0.5 |"
    )
