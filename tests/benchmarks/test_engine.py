"""The speed benchmark: its clock accounts for all the time and leaves no trace, its ratios are right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.benchmarks import engine
from lucidreel.benchmarks.clock import CONVOLUTION, PARTS, clock, share_outside_convolutions
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


def test_one_run_tells_the_race_the_pictures_and_the_parts(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "SIZE", (64, 48))
    for settings in ("STILL", "LAYER_DREAM"):
        monkeypatch.setattr(engine, settings, {"octaves": 1, "iterations": 1})
    path = tmp_path / "engine.json"
    words = ["engine", "--rounds", "1", "--iterations", "1", "--device", "cpu", "--json", str(path)]
    monkeypatch.setattr(sys, "argv", [*words, "--shared", str(shared)])
    engine.main()
    told = capsys.readouterr().out
    assert "| spiral in fp32 |" in told and "| LRN |" in told and "outside convolutions" in told
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert figures["race"]["spiral in fp32"]["times_faster"] == 1.0
    assert {"date", "machine", "command", "pictures"} <= figures.keys()
