"""What real Caffe computes for lucidreel, beside what PyTorch computes and what was recorded."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from torch import Tensor

from lucidreel.errors import BackendError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network
from lucidreel.models.pycaffe.network import PycaffeNetwork
from lucidreel.models.pycaffe.running_caffe import RunningCaffe

from ..tops import tops_of
from .conftest import CLASSIFIERS, SIZES, STEM

ByCaffe = Callable[[CaffeNetwork], PycaffeNetwork]
MakeNetwork = Callable[..., CaffeNetwork]

RELU = 'layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }'


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


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("classes", [None, [3, 1]], ids=["all", "two"])
def test_a_dense_network_is_that_of_pytorch(
    make_network: MakeNetwork, by_caffe: ByCaffe, kind: str, classes: list[int] | None
) -> None:
    network = make_network(*CLASSIFIERS[kind]).dense(classes)
    ours = by_caffe(network)
    for size in SIZES:
        assert_alike(network, ours, torch.rand(2, 3, *size), ["scores", "conv"])


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


@pytest.mark.parametrize(
    "faulty",
    [
        """layer { name: "power" type: "Power" bottom: "conv" top: "conv"
                   power_param { power: 2 scale: 0.01 shift: 3 } }
           layer { name: "log" type: "Log" bottom: "conv" top: "conv" log_param { shift: 0.5 } }
           layer { name: "end" type: "Sigmoid" bottom: "conv" top: "conv" }""",
        """layer { name: "flat" type: "Flatten" bottom: "conv" top: "flat" }
           layer { name: "relu2" type: "ReLU" bottom: "flat" top: "flat" }
           layer { name: "rows" type: "Reshape" bottom: "flat" top: "rows"
                   reshape_param { shape { dim: 0 dim: 2 dim: -1 } } }
           layer { name: "end" type: "Flatten" bottom: "rows" top: "end"
                   flatten_param { axis: 1 end_axis: 2 } }""",
        """layer { name: "norm" type: "LRN" bottom: "conv" top: "norm"
                   lrn_param { local_size: 3 alpha: 0.01 } }
           layer { name: "half" type: "ReLU" bottom: "norm" top: "norm" relu_param { negative_slope: 0.5 } }
           layer { name: "end" type: "TanH" bottom: "norm" top: "norm" }""",
        """layer { name: "a" type: "Pooling" bottom: "conv" top: "a"
                   pooling_param { kernel_size: 3 stride: 1 pad: 1 } }
           layer { name: "cut" type: "Slice" bottom: "a" top: "b" top: "c" }
           layer { name: "end" type: "Eltwise" bottom: "b" bottom: "b" top: "end"
                   eltwise_param { operation: PROD } }""",
        """layer { name: "gate" type: "Threshold" bottom: "conv" top: "gate"
                   threshold_param { threshold: 5 } }
           layer { name: "open" type: "Power" bottom: "gate" top: "open" power_param { scale: 2 } }
           layer { name: "end" type: "Eltwise" bottom: "conv" bottom: "open" top: "end"
                   eltwise_param { operation: PROD } }""",
    ],
    ids=["in place", "lent memory", "in place behind what needs its top", "an unused top", "no way back"],
)
def test_what_pycaffe_gets_wrong_is_right(make_network: MakeNetwork, by_caffe: ByCaffe, faulty: str) -> None:
    network = make_network(STEM, faulty)
    for _ in range(2):  # what the first pass leaves behind must not count
        assert_alike(network, by_caffe(network), torch.rand(1, 3, 16, 16), ["end"])
        assert_alike(network, by_caffe(network), torch.rand(2, 3, 19, 23), ["conv", "end"])


def test_targets_before_and_behind_each_other_share_one_pass_back(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = make_network(
        STEM,
        RELU,
        """layer { name: "left" type: "Convolution" bottom: "conv" top: "left"
                   convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }""",
        'layer { name: "right" type: "LRN" bottom: "conv" top: "right" lrn_param { local_size: 3 } }',
        'layer { name: "sum" type: "Eltwise" bottom: "left" bottom: "right" bottom: "conv" top: "sum" }',
        'layer { name: "sum_relu" type: "ReLU" bottom: "sum" top: "sum" }',
    )
    ours = by_caffe(network)
    image = torch.rand(1, 3, 17, 20)
    every = ["conv", "relu", "left", "right", "sum", "sum_relu"]
    for layers in (every, ["sum_relu", "relu"], ["left"], ["conv", "right"], every[::-1]):
        assert_alike(network, ours, image, layers)


def test_a_target_without_a_share_in_the_objective_counts_nothing(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = by_caffe(make_network(STEM, RELU))
    image = torch.rand(1, 3, 17, 20, requires_grad=True)
    (alone,) = torch.autograd.grad(network.activations(image, ["conv"])["conv"].sum(), image)
    values = network.activations(image, ["conv", "relu"])
    torch.autograd.grad(values["relu"].sum(), image, retain_graph=True)
    (beside,) = torch.autograd.grad(values["conv"].sum(), image)
    torch.testing.assert_close(beside, alone)


def test_layers_that_no_gradient_passes_have_values_alone(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = by_caffe(
        make_network(
            STEM,
            'layer { name: "best" type: "ArgMax" bottom: "conv" top: "best" argmax_param { axis: 1 } }',
            'layer { name: "twice" type: "Power" bottom: "best" top: "twice" power_param { scale: 2 } }',
        )
    )
    image = torch.rand(1, 3, 17, 20, requires_grad=True)
    found = []
    for _ in range(2):
        values = network.activations(image, ["conv", "best", "twice"])
        assert not values["best"].requires_grad
        assert not values["twice"].requires_grad
        assert torch.equal(values["twice"], 2 * values["conv"].argmax(1, keepdim=True).float())
        found.append(torch.autograd.grad(values["conv"].sum(), image)[0])
    assert torch.equal(*found)
    assert found[0].any()


def test_a_pass_can_be_gone_back_through_after_others(make_network: MakeNetwork, by_caffe: ByCaffe) -> None:
    network = by_caffe(make_network(STEM, RELU))
    first, second = (torch.rand(1, 3, *size, requires_grad=True) for size in ((17, 20), (31, 18)))
    (wanted,) = torch.autograd.grad(network.activations(first, ["relu"])["relu"].square().sum(), first)
    value = network.activations(first, ["relu"])["relu"].square().sum()
    network.activations(second, ["relu"])
    assert torch.equal(torch.autograd.grad(value, first)[0], wanted)


def test_a_size_that_does_not_suit_is_told_and_caffe_lives_on(
    make_network: MakeNetwork, by_caffe: ByCaffe
) -> None:
    network = by_caffe(
        make_network(
            STEM,
            """layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc"
                       inner_product_param { num_output: 2 } }""",
        )
    )
    process = network.caffe.process
    with pytest.raises(TargetError, match=r"'fc' .* does not work on an image of 20x17; .* made for 16x16"):
        network.activations(torch.rand(1, 3, 17, 20), ["fc"])
    assert network.activations(torch.rand(1, 3, 16, 16), ["fc"])["fc"].shape == (1, 2)
    assert network.caffe.process is process


def test_after_a_death_the_next_pass_has_a_new_process(
    make_network: MakeNetwork, by_caffe: ByCaffe, caffe_python: Path
) -> None:
    network = replace(by_caffe(make_network(STEM)), caffe=RunningCaffe(caffe_python, threads=1))
    image = torch.rand(1, 3, 17, 20, requires_grad=True)
    value = network.activations(image, ["conv"])["conv"]
    psutil.Process(network.caffe.process.pid).kill()
    with pytest.raises(BackendError, match="ended at work"):
        network.caffe.ask("drop", nets=[])
    (found,) = torch.autograd.grad(value.sum(), image)  # which runs it again
    (again,) = torch.autograd.grad(network.activations(image, ["conv"])["conv"].sum(), image)
    assert torch.equal(found, again)
    pid = network.caffe.process.pid
    assert psutil.pid_exists(pid)
    del network, value  # and nobody is left who could ask it for anything
    assert not psutil.pid_exists(pid)


def test_what_caffe_itself_refuses_is_told_in_its_words(caffe_python: Path) -> None:
    caffe = RunningCaffe(caffe_python, threads=1)
    bad = 'layer { name: "conv" type: "Convolution" bottom: "nowhere" top: "conv" }'
    with pytest.raises(BackendError, match=r"ended at work \(SIGABRT\). Its last words: Unknown bottom blob"):
        caffe.ask("build", definition=bad, net=1, like=None, weights=[])
    with pytest.raises(BackendError, match=r"before it had GPU 0 .*CPU-only Caffe.* Leave the device out"):
        RunningCaffe(caffe_python, gpu=0)


def test_small_nets_stay_beside_a_large_one_and_no_files_do(
    make_network: MakeNetwork, by_caffe: ByCaffe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def noted(
        *words: Any, make: Callable[..., tuple[int, str]] = tempfile.mkstemp, **more: Any
    ) -> tuple[int, str]:
        number, name = make(*words, **more)
        made.append(Path(name))
        return number, name

    monkeypatch.setattr(tempfile, "mkstemp", noted)
    network = by_caffe(make_network(STEM, RELU))
    others = set(network.caffe.nets)
    for layers, size in ((["conv"], 40), (["relu"], 28), (["conv", "relu"], 20)):
        network.activations(torch.rand(1, 3, size, size), layers)
    assert len(network.caffe.nets.keys() - others) == 3
    network.activations(torch.rand(1, 3, 200, 200), ["conv"])
    assert len(network.caffe.nets.keys() - others) == 3
    network.activations(torch.rand(1, 3, 200, 200), ["relu"])
    network.activations(torch.rand(1, 3, 200, 200), ["conv", "relu"])
    assert len(network.caffe.nets.keys() - others) == 2
    assert made
    assert not any(path.exists() for path in made)


@pytest.mark.skipif(os.name != "posix", reason="a limit on memory")
def test_after_a_pass_that_was_too_large_smaller_ones_run(
    make_network: MakeNetwork, by_caffe: ByCaffe, caffe_python: Path, tmp_path: Path
) -> None:
    limited = tmp_path / "python"
    limited.write_text(f'#!/bin/sh\nulimit -v 1500000\nexec "{caffe_python}" "$@"\n')
    limited.chmod(0o755)
    wide = make_network(
        """layer { name: "wide" type: "Convolution" bottom: "data" top: "wide"
                   convolution_param { num_output: 3000 kernel_size: 1 } }""",
        """layer { name: "all" type: "Pooling" bottom: "wide" top: "all"
                   pooling_param { global_pooling: true } }""",
    )
    network = replace(by_caffe(wide), caffe=RunningCaffe(limited, threads=1))
    with pytest.raises(torch.OutOfMemoryError, match="Caffe cannot allocate"):
        network.activations(torch.zeros(1, 3, 400, 400), ["all"])
    assert_alike(wide, network, torch.rand(1, 3, 20, 20), ["all"])
    network.caffe.close()
