"""The speed benchmark: its clock accounts for all the time and leaves no trace, its ratios are right."""

from __future__ import annotations

import json
import sys
from mmap import PAGESIZE, mmap
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.benchmarks import contestants, engine
from lucidreel.benchmarks.clock import CONVOLUTION, PARTS, clock, share_outside_convolutions
from lucidreel.benchmarks.footprint import Allocated, allocated, page_faults
from lucidreel.benchmarks.races import Spent, runner, times_faster
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.zoo.registry import load_network

PICTURE = np.random.default_rng(0).random((3, 96, 96), dtype=np.float32)


def test_the_clock_finds_the_convolutions_and_takes_its_timers_off() -> None:
    before = [getattr(kind, name) for _, kind, names in PARTS for name in names]
    with pytest.raises(ZeroDivisionError), clock():
        assert [getattr(kind, name) for _, kind, names in PARTS for name in names] != before
        raise ZeroDivisionError
    assert [getattr(kind, name) for _, kind, names in PARTS for name in names] == before
    timed = runner(
        load_network("bestiary"), Targets(classes={"eye": 1.0}), PICTURE, torch.device("cpu"), octaves=1
    )
    parts = timed.parts()
    assert parts[CONVOLUTION] > 0 and parts["spectral filter"] > 0 and parts["step"] > 0
    assert min(parts.values()) >= 0
    assert 0 < share_outside_convolutions(parts) < 1


def test_ratios_are_medians_of_the_rounds_own() -> None:
    slow = [Spent(10.0, 8.0), Spent(40.0, 8.0), Spent(12.0, 8.0)]
    fast = [Spent(1.0, 2.0), Spent(2.0, 2.0), Spent(1.0, 4.0)]
    assert times_faster(fast, slow) == {"times_faster": 12.0, "times_faster_cpu": 4.0}


def test_one_run_tells_both_races_the_parts_and_the_footprint(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "SIZE", (64, 48))
    for settings in ("STILL", "LAYER_DREAM"):
        monkeypatch.setattr(contestants, settings, {"octaves": 1, "iterations": 1})
    path = tmp_path / "engine.json"
    words = ["--rounds", "1", "--spiral", "--iterations", "1", "--only", "v1.0", "--only", "GoogLeNet"]
    monkeypatch.setattr(sys, "argv", ["engine", *words, "--json", str(path), "--shared", str(shared)])
    engine.main()
    told = capsys.readouterr().out
    assert "| spiral in fp32 |" in told and "| LRN |" in told and "| faults |" in told
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert figures["spiral"]["spiral in fp32"]["times_faster"] == 1.0
    assert {"date", "machine", "command"} <= figures.keys()
    assert list(figures["contests"]) == [name for name in contestants.CONTESTS if "v1.1" not in name][:3]
    for each in figures["contests"].values():
        assert each["tensors_per_iteration"] > 0 and each["new_mib_per_iteration"] > 0
        assert 0 < each["outside_convolutions"] < 1


def test_new_tensors_are_counted() -> None:
    made = allocated(lambda: [torch.ones(2**24, dtype=torch.uint8) for _ in range(3)])
    assert made == Allocated(3, 48.0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count otherwise")
def test_pages_touched_for_the_first_time_are_counted() -> None:
    with mmap(-1, 1000 * PAGESIZE) as piece:
        before = page_faults()
        for page in range(1000):
            piece[page * PAGESIZE] = 1
        assert page_faults() - before >= 1000
