"""Real Caffe, where LUCIDREEL_CAFFE_PYTHON names a Python that has it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.pycaffe.find_python import VARIABLE
from lucidreel.models.pycaffe.network import PycaffeNetwork
from lucidreel.models.pycaffe.running_caffe import RunningCaffe

ByCaffe = Callable[[CaffeNetwork], PycaffeNetwork]


@pytest.fixture(scope="session")
def caffe_python() -> Path:
    """The Python that has Caffe."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"no real Caffe: set {VARIABLE} to a Python that has the module caffe")
    return Path(named)


@pytest.fixture(scope="session")
def caffe(caffe_python: Path) -> Iterator[RunningCaffe]:
    """One running Caffe for all tests that do it no harm."""
    caffe = RunningCaffe(caffe_python, threads=1)
    yield caffe
    caffe.close()


@pytest.fixture(scope="session")
def by_caffe(caffe: RunningCaffe) -> ByCaffe:
    """Have real Caffe run a network that PyTorch runs."""

    def by_caffe(network: CaffeNetwork) -> PycaffeNetwork:
        return PycaffeNetwork(
            name=network.name,
            graph=network.graph,
            weights=network.weights,
            preprocess=network.preprocess,
            labels=network.labels,
            class_layer=network.class_layer,
            caffe=caffe,
        )

    return by_caffe
