"""The script for a graphics card runs without one, in small, so that it works the first time it has one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lucidreel.benchmarks import card
from lucidreel.benchmarks.card_measures import copies_back, one_by_one, passes, record_passes
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.zoo.registry import load_network


def test_every_part_runs_in_small(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "card.md"
    words = ["card", "--device", "cpu", "--small", "--shared", str(shared), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", words)
    quick = {name: load for name, load in card.NETWORKS.items() if name != "GoogLeNet"}
    monkeypatch.setattr(card, "NETWORKS", quick)
    card.main()
    told = capsys.readouterr().out
    assert out.read_text(encoding="utf-8") in told
    parts = [line for line in told.splitlines() if line.startswith("| ")][1:]
    assert len(parts) == 20 and not [line for line in parts if "failed" in line or "left out" in line]
    assert sum("not recorded" in line for line in parts) == 4  # there is no card to record on


def test_a_part_that_fails_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    some = card.Card(argparse.Namespace(device="cpu", small=True, shared=tmp_path))

    def parts() -> Iterator[tuple[str, object]]:
        yield "one", lambda: 1 / 0
        yield "two", lambda: ("3 ms", "")

    some.parts = parts  # type: ignore[assignment, method-assign]
    lines = list(card.run(some, minutes=1))[2:]
    assert lines == ["| one | failed | ZeroDivisionError: division by zero |", "| two | 3 ms |  |"]
    assert list(card.run(some, minutes=-1))[2:] == [
        "| one | left out | no time |",
        "| two | left out | no time |",
    ]


def test_only_copies_from_the_card_are_counted() -> None:
    names = ["Memcpy DtoH (Device -> Pinned)", "Memcpy DtoD (Device -> Device)", "Memcpy HtoD", "aten::copy_"]
    assert copies_back(names) == 1


def test_all_passes_of_a_dream_are_recorded() -> None:
    dreamer = Dreamer(load_network("bestiary"), Targets(classes={"eye": 1.0}), octaves=3, device="cpu")
    (part,) = passes(record_passes(dreamer))
    recorded = [part.recordings]
    with one_by_one(dreamer):
        recorded.append(part.recordings)
    recorded.append(part.recordings)
    assert [kept is not None for kept in recorded] == [True, False, True]
