"""The benchmark of backends: what it compares is of one net, and its script is for old Pythons."""

from __future__ import annotations

import argparse
import ast
import os
from pathlib import Path

import pytest
import torch

from lucidreel.benchmarks import caffe_backend
from lucidreel.benchmarks.caffe_backend import LOOP, Spent, compared, contest
from lucidreel.benchmarks.picture import NETWORK
from lucidreel.models.pycaffe.find_python import VARIABLE


def test_ratios_are_medians_of_the_rounds_own() -> None:
    base = [Spent(1.0, 2.0), Spent(2.0, 2.0), Spent(4.0, 2.0)]
    slow = [Spent(3.0, 2.0), Spent(4.0, 4.0), Spent(4.0, 8.0)]
    figures = compared({"pycaffe": slow, "in process": base})
    assert figures["pycaffe"] == {"s": 4.0, "cpu_s": 4.0, "ratio": 2.0, "cpu_ratio": 2.0}
    assert figures["in process"]["ratio"] == 1.0


def test_the_loop_around_pycaffe_is_python_3_6() -> None:
    ast.parse(LOOP.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"no real Caffe: {VARIABLE} names none")
def test_everyone_takes_passes(shared: Path) -> None:
    words = argparse.Namespace(
        shared=shared, size="96x64", threads=torch.get_num_threads(), rounds=1, passes=1
    )
    figures = contest(words, NETWORK, "fire3/concat")
    assert list(figures) == ["torch", "pycaffe", "in process", "plain"]
    assert all(own["s"] > 0 and own["ratio"] > 0 for own in figures.values())
    assert "| fire3: plain |" in caffe_backend.table({"fire3": figures})
