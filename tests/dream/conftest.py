"""A small classifier with random weights, loaded from files like anyone's network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_folder

CLASSES = ("n00000001 goldfish, Carassius auratus", "n00000002 great white shark", "n00000003 jellyfish",
           "n00000004 peacock", "n00000005 umbrella")  # fmt: skip

_DEFINITION = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 48 dim: 48 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 12 kernel_size: 5 stride: 2 pad: 2 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
        pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2"
        convolution_param { num_output: 16 kernel_size: 3 pad: 1 } }
layer { name: "relu2" type: "ReLU" bottom: "conv2" top: "conv2" }
layer { name: "classes" type: "Convolution" bottom: "conv2" top: "classes"
        convolution_param { num_output: 5 kernel_size: 1 } }
layer { name: "score" type: "Pooling" bottom: "classes" top: "score"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
"""


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> CaffeNetwork:
    """Five classes, total stride 4, 48 x 48 input, random weights."""
    folder: Path = tmp_path_factory.mktemp("tiny")
    (folder / "deploy.prototxt").write_text(_DEFINITION)
    (folder / "labels.txt").write_text("\n".join(CLASSES))
    return load_folder(folder, random_seed=3)


@pytest.fixture
def picture() -> NDArray[np.float32]:
    """A smooth coloured picture of 80 x 64 pixels, (3, 64, 80)."""
    y, x = np.mgrid[0:64, 0:80].astype(np.float32) / 80
    return np.stack([0.3 + 0.4 * x, 0.4 + 0.3 * np.sin(6 * y), 0.5 + 0.3 * x * y]).astype(np.float32)
