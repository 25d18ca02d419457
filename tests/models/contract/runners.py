"""Who can run a network: one entry for each backend, and every test of this folder runs on all of them.

To have another backend held to the same contract, add a `Runner` to RUNNERS. Real Caffe runs where one is
found; where LUCIDREEL_CAFFE_PYTHON names one, it has to.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lucidreel.errors import BackendError, ModelFileError
from lucidreel.models.backend import Backend, BackendName
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.folder_source import FolderSource
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network
from lucidreel.models.pycaffe.find_python import VARIABLE, find_caffe_python
from lucidreel.models.pycaffe.network import PycaffeNetwork
from lucidreel.models.pycaffe.running_caffe import RunningCaffe
from lucidreel.models.timm.importing import import_timm
from lucidreel.models.timm.source import TimmSource

FileNetwork: TypeAlias = CaffeNetwork | PycaffeNetwork

# A classifier of ten classes for pictures of 32 x 32, with what most have: layers in place, branches, pooling
# that keeps to a grid and pooling that does not. Down to `conv3` its layers keep a map.
CLASSIFIER = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
        pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "narrow" type: "Convolution" bottom: "pool1" top: "narrow"
        convolution_param { num_output: 6 kernel_size: 1 } }
layer { name: "relu_narrow" type: "ReLU" bottom: "narrow" top: "narrow" }
layer { name: "wide" type: "Convolution" bottom: "pool1" top: "wide"
        convolution_param { num_output: 6 kernel_size: 3 pad: 1 } }
layer { name: "relu_wide" type: "ReLU" bottom: "wide" top: "wide" }
layer { name: "both" type: "Concat" bottom: "narrow" bottom: "wide" top: "both" }
layer { name: "norm" type: "LRN" bottom: "both" top: "norm"
        lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 } }
layer { name: "pool2" type: "Pooling" bottom: "norm" top: "pool2"
        pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "conv3" type: "Convolution" bottom: "pool2" top: "conv3"
        convolution_param { num_output: 12 kernel_size: 3 pad: 1 } }
layer { name: "relu3" type: "ReLU" bottom: "conv3" top: "conv3" }
layer { name: "average" type: "Pooling" bottom: "conv3" top: "average"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "classes" type: "InnerProduct" bottom: "average" top: "classes"
        inner_product_param { num_output: 10 } }
layer { name: "prob" type: "Softmax" bottom: "classes" top: "prob" }
"""


@dataclass(frozen=True)
class Runner:
    """A backend: how it loads networks, and why it may be unable to run here."""

    name: str
    classifier: Callable[[Path], Network]
    """Loads a small classifier of ten or more classes: CLASSIFIER, from the folder, or one of its own."""
    shallow: str
    deep: str
    """Two of its layers with a map, the deeper one fed by the other."""
    why_not: Callable[[], str | None] = lambda: None
    takes_a_pixel: bool = False
    """Whether the classifier works on a picture of a single pixel, as maps that are padded do."""
    climbs_classes: bool = True
    """Whether a few smoothed steps climb a class; weights that are made up, in many layers, are too rough."""


@dataclass(frozen=True)
class FileRunner(Runner):
    """A backend that runs Caffe's files."""

    backend: BackendName = "torch"

    def load(self, folder: Path) -> FileNetwork:
        """Load any folder of them."""
        return load_folder(folder) if self.backend == "torch" else _in_one_caffe(folder)


def _in_one_caffe(folder: Path) -> PycaffeNetwork:
    """Load a folder into the one Caffe of all these tests, which takes a second to start."""
    return PycaffeNetwork.of(load_folder(folder), _caffe())


@cache
def _caffe() -> RunningCaffe:
    return RunningCaffe(find_caffe_python())


def _no_caffe() -> str | None:
    """Return why there is none; a Python that somebody named has to have one."""
    if os.environ.get(VARIABLE):
        return None
    try:
        find_caffe_python()
    except BackendError as error:
        return str(error)
    return None


def _classifier(backend: BackendName) -> Callable[[Path], Network]:
    return lambda folder: FolderSource("classifier", folder).load(backend=Backend(backend))


TORCH = FileRunner("torch", _classifier("torch"), "both", "conv3")
PYCAFFE = FileRunner("pycaffe", _classifier("pycaffe"), "both", "conv3", _no_caffe, backend="pycaffe")
OF_CAFFE_FILES: tuple[FileRunner, ...] = (TORCH, PYCAFFE)


def _of_timm(name: str, shallow: str, deep: str, takes_a_pixel: bool = True) -> Runner:
    """Return a runner for one of the small networks that timm tests itself with; weights are made up."""
    source = TimmSource(f"timm:{name}", Path("nowhere"))
    loaded = cache(lambda: source.load(random_seed=1))
    return Runner(source.name, lambda _: loaded(), shallow, deep, _no_timm, takes_a_pixel, False)


def _no_timm() -> str | None:
    try:
        import_timm()
    except ModelFileError as error:
        return str(error)
    return None


OF_TIMM = (
    _of_timm("test_resnet", "layer1", "layer2.0.conv2"),
    _of_timm("test_convnext", "stages.0", "stages.2.blocks.0", takes_a_pixel=False),
    _of_timm("test_efficientnet", "blocks.0.0", "blocks.2"),
)
RUNNERS: tuple[Runner, ...] = (*OF_CAFFE_FILES, *OF_TIMM)
