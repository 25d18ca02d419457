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

STEM = """layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
                  convolution_param { num_output: 4 kernel_size: 3 stride: 2 } }"""
SCORES = """layer { name: "scores" type: "InnerProduct" bottom: "%s" top: "scores"
                    inner_product_param { num_output: 5 } }"""
CLASSIFIERS = {
    "a product of the whole map": (STEM, SCORES % "conv"),
    "the mean of the whole map": (
        STEM,
        """layer { name: "mean" type: "Pooling" bottom: "conv" top: "mean"
                   pooling_param { pool: AVE kernel_size: 7 stride: 1 } }""",
        SCORES % "mean",
    ),
}
"""For pictures of 16 x 16, of which they see 7 x 7 cells at once. Dense, they see so many here and there."""
SIZES = ((16, 16), (21, 30), (14, 16), (12, 14), (9, 20), (5, 7))
"""Heights and widths that give as many cells, more, and one to five fewer."""


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
        return PycaffeNetwork.of(network, caffe)

    return by_caffe
