"""How a network runs: values from before they are overwritten, nothing deeper, nothing for the weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from lucidreel.errors import LayerNotFoundError, ModelFileError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.cpu.convolve_and_pool import ConvolveAndPool
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network
from lucidreel.models.preprocess import Preprocess
from lucidreel.models.zoo.registry import load_network

from .tops import tops_of

MakeNetwork = Callable[..., CaffeNetwork]

CONV = """layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
          convolution_param { num_output: 4 kernel_size: 3 } }"""
RELU = 'layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }'
FC = (
    'layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 5 } }'
)
PROB = 'layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }'


def test_it_is_a_network(make_network: MakeNetwork) -> None:
    network: Network = make_network(CONV).to(torch.device("cpu"), torch.float32)
    assert (network.name, network.class_layer, len(network.labels)) == ("tiny", None, 0)


def test_a_layers_value_and_gradient_are_from_before_the_in_place_relu(make_network: MakeNetwork) -> None:
    network = make_network(CONV, RELU)
    image = torch.rand(1, 3, 16, 16, requires_grad=True)
    values = network.activations(image, ["conv", "relu"])
    assert values["conv"].min() < 0
    assert torch.equal(values["relu"], values["conv"].clamp(min=0))
    (through_conv,) = torch.autograd.grad(values["conv"].sum(), image, retain_graph=True)
    (through_relu,) = torch.autograd.grad(values["relu"].sum(), image)
    assert not torch.allclose(through_conv, through_relu)


def test_only_the_ancestors_of_the_wanted_layers_run(make_network: MakeNetwork) -> None:
    side = 'layer { name: "side" type: "AbsVal" bottom: "data" top: "side" }'
    network = make_network(side, CONV, RELU, FC, PROB)
    assert network.program(["relu"]).layers == ("conv", "relu")
    assert network.program(["fc", "side"]).layers == ("side", "conv", "relu", "fc")


POOL = """layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
          pooling_param { kernel_size: 2 stride: 2 } }"""


def test_a_map_that_is_pooled_at_once_takes_no_memory(make_network: MakeNetwork) -> None:
    """By hand: of 16 x 16 pixels, 4 maps of 14 x 14 cells, rectified in place, and pooled ones of 7 x 7."""
    network = make_network(CONV, RELU, POOL)
    convolved, pooled = 4 * 14 * 14 / 256, 4 * 7 * 7 / 256
    whole = network.numbers_per_pixel(["relu"])
    assert convolved <= whole <= 2 * convolved
    if any(isinstance(made, ConvolveAndPool) for made in network.program(["pool"]).operations):
        assert pooled <= network.numbers_per_pixel(["pool"]) <= 2 * pooled
    layer_by_layer = network.to(torch.device("cpu"), torch.float64).numbers_per_pixel(["pool"])
    assert layer_by_layer >= 2 * convolved + pooled


def test_squeezenet_runs_no_deeper_than_its_deepest_target(shared: Path) -> None:
    network = load_folder(shared / "models" / "squeezenet_v1.0")
    run = network.program(["fire2/concat", "fire3/squeeze1x1"]).layers
    assert run[-1] == "fire3/squeeze1x1"
    assert sorted(run) == sorted(layer.name for layer in network.layers[: len(run)])


def test_no_weight_gets_a_gradient(make_network: MakeNetwork) -> None:
    network = make_network(CONV, RELU, FC)
    image = torch.rand(1, 3, 16, 16, requires_grad=True)
    score = network.activations(image, ["fc"])["fc"].sum()
    leaves = set()
    waiting = [score.grad_fn]
    while waiting:
        function = waiting.pop()
        if function is not None:
            if hasattr(function, "variable"):
                leaves.add(id(function.variable))
            waiting.extend(next_function for next_function, _ in function.next_functions)
    assert leaves == {id(image)}
    assert not any(tensor.requires_grad for tensors in network.weights for tensor in tensors)


def test_without_a_gradient_asked_for_no_graph_is_kept(make_network: MakeNetwork) -> None:
    values = make_network(CONV, RELU).activations(torch.rand(1, 3, 16, 16), ["relu"])
    assert not values["relu"].requires_grad


def test_gradient_agrees_with_finite_differences(make_network: MakeNetwork) -> None:
    lrn = 'layer { name: "lrn" type: "LRN" bottom: "conv" top: "lrn" lrn_param { alpha: 0.5 } }'
    network = make_network(CONV, lrn, FC.replace('"conv"', '"lrn"'), shape=(1, 3, 5, 5))
    image = torch.rand(1, 3, 5, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(network.activations(image, ["fc"])["fc"][0, 0], image)
    step = 0.05 * gradient / gradient.norm()
    ahead, behind = (
        network.activations(image.detach() + sign * step, ["fc"])["fc"][0, 0] for sign in (0.5, -0.5)
    )
    assert (gradient * step).sum().item() == pytest.approx((ahead - behind).item(), rel=5e-3)


def test_a_blobs_name_stands_for_the_last_layer_that_wrote_it(make_network: MakeNetwork) -> None:
    named = 'layer { name: "first" type: "AbsVal" bottom: "data" top: "blob" }'
    again = 'layer { name: "second" type: "Power" bottom: "blob" top: "blob" power_param { shift: 1 } }'
    network = make_network(named, again)
    image = torch.rand(1, 3, 16, 16)
    assert torch.equal(
        network.activations(image, ["blob"])["blob"], network.activations(image, ["second"])["second"]
    )


def test_layers_are_listed_with_the_shapes_of_one_image(make_network: MakeNetwork) -> None:
    network = make_network(CONV, RELU, FC, PROB, shape=(10, 3, 16, 20))
    assert network.input_size == (16, 20)
    assert [(layer.name, layer.type, layer.channels, layer.shape) for layer in network.layers] == [
        ("conv", "Convolution", 4, (1, 4, 14, 18)),
        ("relu", "ReLU", 4, (1, 4, 14, 18)),
        ("fc", "InnerProduct", 5, (1, 5)),
        ("prob", "Softmax", 5, (1, 5)),
    ]


def test_an_unknown_layer_is_answered_with_the_nearest_names(make_network: MakeNetwork) -> None:
    with pytest.raises(LayerNotFoundError, match=r"'convv' does not exist in tiny\. Nearest: conv"):
        make_network(CONV, RELU).activations(torch.rand(1, 3, 16, 16), ["convv"])


def test_a_size_the_network_cannot_take_is_explained(make_network: MakeNetwork) -> None:
    network = make_network(CONV, RELU, FC)
    with pytest.raises(TargetError, match=r"'fc' .* image of 20x30; the network is made for 16x16"):
        network.activations(torch.rand(1, 3, 30, 20), ["fc"])
    with pytest.raises(TargetError, match=r"'conv' .* image of 2x2"):
        network.activations(torch.rand(1, 3, 2, 2), ["conv"])


def test_a_network_of_other_channels_runs_on_its_data_but_not_on_pictures(make_network: MakeNetwork) -> None:
    network = make_network(CONV, shape=(1, 6, 8, 8))
    assert tops_of(network, torch.rand(1, 6, 8, 8))["conv"]["conv"].shape == (1, 4, 6, 6)
    with pytest.raises(TargetError, match="takes 6 channels"):
        network.activations(torch.rand(1, 3, 8, 8), ["conv"])


def test_bfloat16_comes_close_to_float32(shared: Path) -> None:
    network = load_folder(shared / "models" / "squeezenet_v1.0")
    short = network.to(torch.device("cpu"), torch.bfloat16)
    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).requires_grad_()
    value, other = (n.activations(image, ["fire5/concat"])["fire5/concat"] for n in (network, short))
    assert other.dtype == torch.bfloat16
    assert (other.float() - value).norm() < 0.02 * value.norm()
    exact, rough = (torch.autograd.grad(v.float().square().sum(), image)[0] for v in (value, other))
    assert rough.dtype == torch.float32
    assert torch.cosine_similarity(exact.flatten(), rough.flatten(), dim=0) > 0.95


def test_normalising_statistics_stay_float32_in_a_short_type(make_network: MakeNetwork) -> None:
    norm = 'layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" }'
    network = make_network(CONV, norm).to(torch.device("cpu"), torch.bfloat16)
    assert [tensor.dtype for tensor in network.weights[1]] == [torch.float32] * 3
    assert network.activations(torch.rand(1, 3, 8, 8), ["bn"])["bn"].dtype == torch.bfloat16


def test_weights_shared_by_name_serve_a_layer_that_brings_none(make_network: MakeNetwork) -> None:
    one = """layer { name: "one" type: "Convolution" bottom: "data" top: "one" param { name: "w" }
             convolution_param { num_output: 3 kernel_size: 1 bias_term: false } }"""
    two = one.replace('"one"', '"two"')
    weight = torch.randn(3, 3, 1, 1)
    network = make_network(one, two, blobs={"one": [weight]})
    tops = tops_of(network, torch.rand(1, 3, 4, 4))
    assert torch.equal(tops["one"]["one"], tops["two"]["two"])


ONE = """layer { name: "one" type: "Convolution" bottom: "data" top: "one" param { name: "w" }
         convolution_param { num_output: 3 kernel_size: 1 } }"""
TWO = ONE.replace('"one"', '"two"')


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_of_weights_shared_by_name_the_last_in_the_file_count(
    make_network: MakeNetwork, order: tuple[str, str]
) -> None:
    weights = {name: torch.randn(3, 3, 1, 1) for name in order}
    biases = {name: torch.randn(3) for name in order}
    network = make_network(ONE, TWO, blobs={name: [weights[name], biases[name]] for name in order})
    data = torch.rand(1, 3, 4, 4)
    tops = tops_of(network, data)
    for name in order:
        expected = F.conv2d(data, weights[order[-1]], biases[name])
        torch.testing.assert_close(tops[name][name], expected)


def test_a_layer_may_take_weights_that_a_later_one_brings(make_network: MakeNetwork) -> None:
    plain = [text.replace("kernel_size: 1", "kernel_size: 1 bias_term: false") for text in (ONE, TWO)]
    network = make_network(*plain, blobs={"two": [torch.randn(3, 3, 1, 1)]})
    tops = tops_of(network, torch.rand(1, 3, 4, 4))
    assert torch.equal(tops["one"]["one"], tops["two"]["two"])
    with pytest.raises(ModelFileError, match=r"'one' .* has no weights"):
        make_network(ONE, TWO, blobs={"two": [torch.randn(3, 3, 1, 1), torch.randn(3)]})


def test_made_up_weights_are_shared_by_name_too(make_network: MakeNetwork) -> None:
    tops = tops_of(make_network(ONE, TWO), torch.rand(1, 3, 4, 4))
    assert torch.equal(tops["one"]["one"], tops["two"]["two"])


def test_weights_of_different_size_cannot_be_shared(make_network: MakeNetwork) -> None:
    wider = TWO.replace("num_output: 3", "num_output: 5")
    with pytest.raises(ModelFileError, match=r"'two' .* 'w' of shape \(3, 3, 1, 1\), but asks for \(5, 3"):
        make_network(ONE, wider)


def test_layers_of_one_name_are_told_apart(make_network: MakeNetwork) -> None:
    doubles = 'layer { name: "twice" type: "Power" bottom: "data" top: "data" power_param { scale: 2 } }'
    squares = 'layer { name: "twice" type: "Power" bottom: "data" top: "sq" power_param { power: 2 } }'
    network = make_network(doubles, squares, doubles.replace("data", "sq"), shape=(1, 1, 1, 1))
    assert [info.name for info in network.layers] == ["twice", "twice#2", "twice#3"]
    tops = tops_of(network, torch.full((1, 1, 1, 1), 3.0))
    values = {layer: {blob: top.item() for blob, top in named.items()} for layer, named in tops.items()}
    assert values == {"twice": {"data": 6.0}, "twice#2": {"sq": 36.0}, "twice#3": {"sq": 72.0}}
    assert network.find_layer("sq").name == "twice#3"


def test_preprocessing_turns_rgb_into_bgr_minus_the_mean(make_network: MakeNetwork) -> None:
    keep = 'layer { name: "keep" type: "Dropout" bottom: "data" top: "keep" }'
    image = torch.tensor([1.0, 0.5, 0.0]).reshape(1, 3, 1, 1).expand(1, 3, 16, 16)
    value = make_network(keep).activations(image, ["keep"])["keep"]
    assert value[0, :, 0, 0].tolist() == pytest.approx([-104.0, 127.5 - 117.0, 255.0 - 123.0])


def test_preprocessing_orders_are_what_they_say() -> None:
    image = torch.tensor([0.2, 0.4, 0.6]).reshape(1, 3, 1, 1)
    rgb = Preprocess("RGB", (0.5,), raw_scale=1.0, scale=2.0)(image)
    assert rgb.flatten().tolist() == pytest.approx([-0.6, -0.2, 0.2])
    grey = Preprocess("GRAY", (0.0,), raw_scale=1.0)(image)
    assert grey.flatten().tolist() == pytest.approx([0.2 * 0.299 + 0.4 * 0.587 + 0.6 * 0.114])


@pytest.mark.parametrize(
    ("definition", "class_layer"),
    [
        ("bvlc_googlenet", "loss3/classifier"),
        ("googlenet_deepdraw", "loss3/classifier"),
        ("bvlc_reference_caffenet", "fc8"),
        ("ResNet-50-deploy", "fc1000"),
    ],
)
def test_published_definitions_run_forward_and_backward(
    shared: Path, definition: str, class_layer: str
) -> None:
    path = shared / "models" / "definitions" / f"{definition}.prototxt"
    network = load_network(path, random_seed=0)
    assert network.class_layer == class_layer
    image = torch.rand(1, 3, *network.input_size, requires_grad=True)
    scores = network.activations(image, [class_layer])[class_layer]
    (gradient,) = torch.autograd.grad(scores[0, 7], image)
    assert scores.shape == (1, 1000)
    assert torch.isfinite(scores).all() and torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
