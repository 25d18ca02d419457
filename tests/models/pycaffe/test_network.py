"""What real Caffe computes for lucidreel, beside what PyTorch computes and what was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lucidreel.errors import TargetError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network
from lucidreel.models.pycaffe.network import PycaffeNetwork

from ..tops import tops_of

ByCaffe = Callable[[CaffeNetwork], PycaffeNetwork]
MakeNetwork = Callable[..., CaffeNetwork]

STEM = """layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
                  convolution_param { num_output: 4 kernel_size: 3 stride: 2 } }"""


def gradient(network: Network, image: Tensor, layers: Sequence[str]) -> tuple[list[Tensor], Tensor]:
    """Return the layers' values and the gradient of their sums, weighed by fixed random numbers."""
    leaf = image.clone().requires_grad_()
    values = list(network.activations(leaf, layers).values())
    generator = torch.Generator().manual_seed(1)
    seeds = [torch.randn(value.shape, generator=generator) for value in values]
    (found,) = torch.autograd.grad(values, leaf, seeds)
    return [value.detach() for value in values], found


def assert_alike(network: CaffeNetwork, other: PycaffeNetwork, image: Tensor, layers: Sequence[str]) -> None:
    """Values within rounding; gradients too, but that rounding may turn a rectifier or a maximum around."""
    (ours, our_gradient), (theirs, their_gradient) = (
        gradient(each, image, layers) for each in (network, other)
    )
    for our, their in zip(ours, theirs, strict=True):
        assert our.shape == their.shape
        assert (our - their).norm() <= 1e-4 * our.norm()
    assert (our_gradient - their_gradient).norm() <= 1e-2 * our_gradient.norm()


@pytest.mark.parametrize("case", ["inject_branch", "reshape_flatten_dropout", "neuron_math", "crop"])
def test_gradients_are_the_recorded_ones_whatever_else_is_wanted(
    shared: Path, by_caffe: ByCaffe, case: str
) -> None:
    folder = shared / "conformance" / case
    facts = json.loads((folder / "case.json").read_text())
    with np.load(folder / "expected.npz") as file:
        expected = dict(file)
    network = by_caffe(load_folder(folder))
    data = torch.from_numpy(expected["input"]).requires_grad_()
    every = tops_of(network, data)
    for entry in facts["grad"]:
        alone = tops_of(network, data, [entry["layer"]])
        diff, wanted = torch.from_numpy(expected[entry["diff"]]), expected[entry["input_grad"]]
        for tops in (alone, every):
            (found,) = torch.autograd.grad(tops[entry["layer"]][entry["top"]], data, diff, retain_graph=True)
            np.testing.assert_allclose(found.numpy(), wanted, **facts["tolerance"], err_msg=entry["layer"])


@pytest.mark.parametrize("size", [(51, 51), (84, 71), (46, 42), (31, 60), (25, 32)], ids=str)
@pytest.mark.parametrize("classes", [None, [3, 1]], ids=["all", "two"])
def test_a_dense_network_is_that_of_pytorch(
    shared: Path, by_caffe: ByCaffe, size: tuple[int, int], classes: list[int] | None
) -> None:
    network = load_folder(shared / "conformance" / "thin_caffenet").dense(classes)
    assert_alike(network, by_caffe(network), torch.rand(2, 3, *size), ["fc8", "conv3", "pool5"])


def test_a_layer_of_which_channels_are_chosen_is_that_of_pytorch(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = make_network(
        STEM,
        """layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
                   pooling_param { pool: AVE global_pooling: true } }""",
        'layer { name: "norm" type: "LRN" bottom: "pool" top: "norm" lrn_param { local_size: 3 } }',
        'layer { name: "prob" type: "Softmax" bottom: "norm" top: "prob" }',
    )
    assert_alike(network.dense([2, 0]), by_caffe(network).dense([2, 0]), torch.rand(1, 3, 30, 21), ["norm"])


def test_a_layer_that_this_caffe_does_not_have_is_refused_by_its_name(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = by_caffe(make_network(STEM, 'layer { name: "mish" type: "Mish" bottom: "conv" top: "mish" }'))
    network.activations(torch.rand(1, 3, 16, 16), ["conv"])
    with pytest.raises(
        TargetError, match="'mish' is of the type Mish, which the Caffe at hand does not have"
    ):
        network.activations(torch.rand(1, 3, 16, 16), ["mish"])
