"""The bestiary's judge: it learns, goes on where it stopped, and tells what it sees in a dream."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.benchmarks import bestiary_dreams
from lucidreel.benchmarks.bestiary_dreams import Dream, grid, table
from lucidreel.benchmarks.judge import Verdict
from lucidreel.benchmarks.second_network import SIDE_PX, WEIGHTS, BestiaryJudge, JudgeNet
from lucidreel.benchmarks.second_training import PLAN, train
from lucidreel.models.bestiary.catalogue import class_names

NAMES = class_names()
SMALL = replace(PLAN, batch=4, uses=2, spacing=1)


def test_judge_that_was_stopped_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    said: list[str] = []
    whole = train(tmp_path, 2, 0, SMALL, kept_every=1, report=said.append)
    assert [line.partition(",")[0] for line in said] == ["step 1", "step 2"]

    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(KeyboardInterrupt, match="step 1"):
        train(other, 2, 0, SMALL, kept_every=1, report=stop)
    resumed = train(other, 2, 0, SMALL, kept_every=1, report=said.append)
    assert [line.partition(",")[0] for line in said[2:]] == ["step 2"]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_judge_names_a_picture_by_its_windows(tmp_path: Path) -> None:
    network = JudgeNet(len(NAMES))
    with torch.no_grad():
        network.classes.weight.zero_()
        network.classes.bias.copy_(5.0 * (torch.arange(len(NAMES)) == 2))
    torch.save({"classes": list(NAMES), "network": network.state_dict()}, tmp_path / WEIGHTS)
    judge = BestiaryJudge(tmp_path)
    answer, verdict = judge.verdict(np.zeros((3, 150, 210), np.float32), 2)
    assert answer == NAMES[2] and verdict.recognised == verdict.among_five == 1.0
    _, verdict = judge.verdict(np.zeros((3, SIDE_PX, SIDE_PX), np.float32), 1)
    assert verdict.recognised == 0.0 and verdict.belief < 0.05


def test_missing_judge_says_how_to_train_one(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--work"):
        BestiaryJudge(tmp_path)


def test_table_counts_what_was_named_and_the_sheet_shows_what_was_not() -> None:
    picture = np.zeros((3, 20, 30), np.float32)
    results = [
        Dream("noise", "owl", picture, "owl", Verdict(1.0, 1.0, 0.9, 0.8)),
        Dream("noise", "eye", picture, "owl", Verdict(0.0, 1.0, 0.1, -0.8)),
    ]
    assert results[0].named and not results[1].named
    assert table(results).splitlines()[-1] == "noise: 1 of 2 named; windows: 50.0% first, 100.0% in five"
    assert grid(results, 60, 2).shape[0] == 3


def test_dreams_are_made_over_noise_and_photos(tmp_path: Path) -> None:
    words = bestiary_dreams.parser().parse_args(["--judge", str(tmp_path), "--noise", "40x30"])
    found = bestiary_dreams.sources(words)
    assert {name: picture.shape for name, picture in found.items()} == {"noise": (3, 30, 40)}
