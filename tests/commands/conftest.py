"""The whole program, called as from a shell, with a network small enough to dream in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lucidreel import cli
from lucidreel.models.caffe_files.caffemodel import write_caffemodel

SAMPLE_CLIP = Path(__file__).resolve().parents[2] / "examples" / "nebula.mp4"

_DEFINITION = """
name: "tiny"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 24 dim: 24 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 8 kernel_size: 5 stride: 2 pad: 2 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "classes" type: "Convolution" bottom: "conv1" top: "classes"
        convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "score" type: "Pooling" bottom: "classes" top: "score"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
"""
_LABELS = "goldfish, Carassius auratus\ngreat white shark\njellyfish\npeacock\n"


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, so that no network of this machine's user is seen."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LUCIDREEL_HOME", str(folder))
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run the program with some words and tell how it ended; it runs in this process, so torch loads once."""

    def run_words(*words: str | Path) -> Ended:
        capfd.readouterr()
        code = cli.run([str(word) for word in words])
        said = capfd.readouterr()
        return Ended(code, said.out, said.err)

    return run_words


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network's folder: four classes, random weights."""
    folder = tmp_path_factory.mktemp("networks") / "tiny"
    folder.mkdir()
    random = np.random.default_rng(1)
    weights = {
        "conv1": [random.normal(0, 0.02, (8, 3, 5, 5)), random.normal(0, 0.1, 8)],
        "classes": [random.normal(0, 0.3, (4, 8, 1, 1)), np.zeros(4)],
    }
    (folder / "deploy.prototxt").write_text(_DEFINITION, encoding="utf-8")
    (folder / "labels.txt").write_text(_LABELS, encoding="utf-8")
    write_caffemodel(folder / "tiny.caffemodel", weights, name="tiny")
    return folder


@pytest.fixture
def quick(tiny: Path) -> tuple[str, ...]:
    """Flags that make any dream a matter of milliseconds."""
    return ("--model", str(tiny), "--octaves", "2", "--iterations", "2", "--device", "cpu")


@pytest.fixture(scope="session")
def sample_clip() -> Path:
    """The clip in examples/."""
    return SAMPLE_CLIP
