"""The CPU's program of fused operations against the layers one by one in float64, with plain autograd."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork

from ..tops import tops_of

CPU = torch.device("cpu")


def conv(name: str, bottom: str, outputs: int, kernel: int, more: str = "") -> str:
    return f"""layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}"
        convolution_param {{ num_output: {outputs} kernel_size: {kernel} {more} }} }}"""


def relu(blob: str) -> str:
    return f'layer {{ name: "{blob}_relu" type: "ReLU" bottom: "{blob}" top: "{blob}" }}'


def pool(name: str, bottom: str, more: str) -> str:
    return f"""layer {{ name: "{name}" type: "Pooling" bottom: "{bottom}" top: "{name}"
        pooling_param {{ {more} }} }}"""


def join(name: str, *bottoms: str, kind: str = "Concat") -> str:
    named = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
    return f'layer {{ name: "{name}" type: "{kind}" {named} top: "{name}" }}'


def flatten(name: str, bottom: str) -> str:
    return f'layer {{ name: "{name}" type: "Flatten" bottom: "{bottom}" top: "{name}" }}'


def lrn(name: str, bottom: str, more: str = "alpha: 0.5") -> str:
    return f'layer {{ name: "{name}" type: "LRN" bottom: "{bottom}" top: "{name}" lrn_param {{ {more} }} }}'


def relu6(blob: str, leaks: str = "leak_below: 0.1 leak_above: 0.3", top: str | None = None) -> str:
    return f"""layer {{ name: "{blob}_relu" type: "ReLU6" bottom: "{blob}" top: "{top or blob}"
        relu6_param {{ {leaks} }} }}"""


def same(name: str, bottom: str, outputs: int, kernel: int, more: str) -> str:
    return conv(name, bottom, outputs, kernel, more).replace('"Convolution"', '"SameConvolution"')


# With random weights, much of what comes of this is beyond both ends of a ReLU6.
LOUD = 'layer { name: "loud" type: "Power" bottom: "data" top: "loud" power_param { scale: 9 } }'
STEM = [conv("stem", "data", 8, 3, "stride: 2"), relu("stem")]
FIRE = [
    *(conv("squeeze", "stem", 4, 1), relu("squeeze")),
    *(conv("one", "squeeze", 6, 1), relu("one"), conv("three", "squeeze", 5, 3, "pad: 1"), relu("three")),
    join("fire", "one", "three"),
]
INCEPTION = [
    *(conv("a", "stem", 6, 1), relu("a"), conv("b_reduce", "stem", 5, 1), relu("b_reduce")),
    *(conv("b", "b_reduce", 8, 3, "pad: 1"), relu("b"), pool("c_pool", "stem", "kernel_size: 3 pad: 1")),
    *(conv("c", "c_pool", 4, 1), relu("c"), join("mixed", "a", "b", "c")),
]
NETWORKS = {
    "fire then convolution": (*STEM, *FIRE, conv("end", "fire", 3, 1)),
    "fire then pooling": (*STEM, *FIRE, pool("p", "fire", "kernel_size: 3 stride: 2"),
                          conv("end", "p", 3, 3)),
    "fire read twice": (*STEM, *FIRE, conv("l", "fire", 4, 1), conv("r", "fire", 4, 3, "pad: 1"),
                        join("end", "l", "r", kind="Eltwise")),
    "inception": (*STEM, *INCEPTION, pool("p", "mixed", "kernel_size: 2 stride: 2"), conv("end", "p", 3, 1)),
    "inception of a normalised stem": (*STEM, *INCEPTION, lrn("end", "mixed", "local_size: 3 alpha: 0.9")),
    "three by three of sixteens": (
        conv("stem", "data", 16, 3), relu("stem"), conv("a", "stem", 32, 3, "pad: 1"), relu("a"),
        conv("b", "stem", 16, 1), relu("b"), join("ab", "a", "b"), conv("c", "ab", 48, 3, "pad: 2"),
        relu6("c"), pool("p", "c", "kernel_size: 3 stride: 2"), conv("end", "p", 16, 3, "bias_term: false"),
    ),
    "three by three of the data": (
        conv("stem", "data", 32, 3, "pad: 1"), relu("stem"), conv("end", "stem", 20, 3, "pad: 1"),
    ),
    "flattened twice beside a convolution": (
        conv("stem", "data", 16, 3), relu("stem"), conv("a", "stem", 16, 3, "pad: 1"), relu("a"),
        flatten("l", "a"), flatten("m", "stem"), flatten("r", "stem"),
        join("end", "l", "m", "r", kind="Eltwise"),
    ),
    "normalised between": (*STEM, lrn("n", "stem"), conv("end", "n", 3, 3, "pad: 1")),
    "normalised, then pooled": (*STEM, lrn("n", "stem"), pool("end", "n", "kernel_size: 3 stride: 2")),
    "residual": (*STEM, conv("f", "stem", 8, 3, "pad: 1"), relu("f"), conv("g", "f", 8, 1),
                 join("sum", "stem", "g", kind="Eltwise"), relu("sum"), conv("end", "sum", 3, 1)),
    "grouped and dilated": (*STEM, conv("g", "stem", 8, 3, "group: 2 pad: 1"), relu("g"),
                            conv("end", "g", 3, 3, "dilation: 2")),
    "inverted residual": (
        LOUD, same("stem", "loud", 6, 3, "stride: 2"), relu6("stem"),
        conv("wide", "stem", 12, 1), relu6("wide"),
        conv("deep", "wide", 12, 5, "group: 12 pad: 2"), relu6("deep"), conv("thin", "deep", 6, 1),
        join("sum", "stem", "thin", kind="Eltwise"), conv("end", "sum", 3, 1),
    ),
    "depthwise with a stride": (
        LOUD, conv("in", "loud", 6, 3, "pad: 1"), relu6("in", ""),
        same("a", "in", 6, 3, "group: 6 stride: 2"), relu6("a"),
        same("b", "a", 6, 5, "group: 6 stride: 2"), relu("b"),
        conv("end", "b", 6, 3, "group: 6 stride: 2 pad: 1"),
    ),
    "a rectifier whose bottom is read too": (
        LOUD, conv("in", "loud", 4, 3), relu6("in", top="cut"),
        join("end", "in", "cut"),
    ),
    "padded beyond its kernel": (conv("wide", "data", 8, 3, "pad: 4"), relu("wide"),
                                 conv("end", "wide", 3, 1)),
    "stride of four": (conv("far", "data", 8, 7, "stride: 4 pad: 3"), relu("far"), conv("end", "far", 3, 1)),
    "bare pools and ReLUs": (pool("p", "data", "kernel_size: 2 stride: 1"), relu("p"),
                             pool("end", "p", "pool: AVE kernel_size: 3 stride: 2")),
}  # fmt: skip


def value_and_gradient(network: CaffeNetwork, data: Tensor, *, weighed: Tensor) -> tuple[Tensor, Tensor]:
    leaf = data.to(network.dtype).requires_grad_()
    value = tops_of(network, leaf, ["end"])["end"]["end"]
    objective = (value.double() * weighed).sum() + value.double().square().sum()
    return value.detach().double(), torch.autograd.grad(objective, leaf)[0].double()


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [(21, 26), (32, 17)])
def test_the_plans_values_and_gradients_are_those_of_plain_autograd(
    make_network: Callable[..., CaffeNetwork], name: str, size: tuple[int, int]
) -> None:
    network = make_network(*NETWORKS[name])
    exact = network.to(CPU, torch.float64)
    data = torch.randn(2, 3, *size)
    shape = tops_of(network, data, ["end"])["end"]["end"].shape
    weighed = torch.randn(shape, dtype=torch.float64)
    planned = value_and_gradient(network, data, weighed=weighed)
    for found, expected in zip(planned, value_and_gradient(exact, data, weighed=weighed), strict=True):
        assert expected.abs().max() > 0
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize("name", NETWORKS)
def test_in_bf16_the_gradient_still_points_the_same_way(
    make_network: Callable[..., CaffeNetwork], name: str
) -> None:
    network = make_network(*NETWORKS[name])
    data = torch.randn(1, 3, 32, 40)
    shape = tops_of(network, data, ["end"])["end"]["end"].shape
    weighed = torch.randn(shape, dtype=torch.float64)
    _, exact = value_and_gradient(network, data, weighed=weighed)
    _, rough = value_and_gradient(network.to(CPU, torch.bfloat16), data, weighed=weighed)
    assert torch.cosine_similarity(exact.flatten(), rough.flatten(), dim=0) > 0.97


@pytest.mark.parametrize(
    ("layers", "end"),
    [((*STEM, *FIRE), "fire"), ((*STEM, *INCEPTION), "mixed"), (STEM, "stem"),
     ((*STEM, *FIRE, conv("end", "fire", 3, 1)), "end"),
     ((LOUD, conv("in", "loud", 6, 3), relu6("in")), "in"),
     ((*STEM, conv("l", "stem", 4, 1), join("sum", "l", "l", kind="Eltwise"), relu("sum")), "sum")],
    ids=["fire", "inception", "ReLU", "convolution", "ReLU6", "residual"],
)  # fmt: skip
def test_a_gradient_that_is_the_value_itself_goes_back_as_a_copy_of_it_does(
    make_network: Callable[..., CaffeNetwork], layers: tuple[str, ...], end: str
) -> None:
    network = make_network(*layers)
    leaf = torch.randn(2, 3, 21, 26).requires_grad_()
    value = network.activations(leaf, [end])[end]
    before = value.detach().clone()
    (found,) = torch.autograd.grad(value, leaf, value.detach(), retain_graph=True)
    (expected,) = torch.autograd.grad(value, leaf, value.detach().clone())
    assert expected.abs().max() > 0
    assert torch.equal(found, expected)
    assert torch.equal(value, before)
