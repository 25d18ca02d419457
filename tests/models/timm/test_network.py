"""Networks of timm: their layers' values, where a pass ends, how scores slide, how far layers look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lucidreel import Dreamer
from lucidreel.errors import LayerNotFoundError, TargetError
from lucidreel.models.network import Network, ReceptiveField
from lucidreel.models.preprocess import Preprocess
from lucidreel.models.timm.build import prepared
from lucidreel.models.timm.importing import import_timm
from lucidreel.models.timm.network import TimmNetwork

from .conftest import MadeUp

KINDS = ("resnet18", "test_convnext", "mobilenetv3_small_050", "regnetx_002")
CPU = torch.device("cpu")


def pictures(height: int, width: int, count: int = 1) -> Tensor:
    coarse = torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(2))
    return torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)


def energy_gradient(network: Network, layer: str, image: Tensor) -> Tensor:
    image = image.detach().requires_grad_()
    value = network.activations(image, [layer])[layer]
    return torch.autograd.grad(value.double().square().sum(), image)[0]


@pytest.mark.parametrize("name", KINDS)
def test_its_scores_are_those_of_timms_own_forward_pass(made_up: MadeUp, name: str) -> None:
    network: Network = made_up(f"timm:{name}")
    assert isinstance(network, TimmNetwork) and network.class_layer is not None
    images = pictures(*network.input_size, count=2)
    scores = network.activations(images, [network.class_layer])[network.class_layer]
    mean, deviation = (
        torch.tensor(values).reshape(1, 3, 1, 1)
        for values in (network.preprocess.mean, network.preprocess.deviation)
    )
    theirs = import_timm().create_model(name).eval()
    theirs.load_state_dict(network.model.state_dict())
    with torch.no_grad():
        expected = theirs((images - mean) / deviation)
    assert (scores - expected).abs().max() / (expected.max() - expected.min()) < 1e-4


@pytest.mark.parametrize("name", KINDS)
def test_scores_of_a_picture_of_its_own_size_slide_to_one_place(made_up: MadeUp, name: str) -> None:
    network = made_up(f"timm:{name}")
    layer, (height, width) = network.class_layer or "", network.input_size
    image = pictures(height, width)
    plain = network.activations(image, [layer])[layer]
    for classes, expected in ((None, plain), ((207, 3), plain[:, [207, 3]])):
        slid = network.dense(classes).activations(image, [layer])[layer]
        assert slid.shape == (*expected.shape, 1, 1)
        assert (slid[..., 0, 0] - expected).abs().max() / plain.std() < 1e-4
    larger = network.dense((207,)).activations(pictures(height + 32, width + 64), [layer])[layer]
    assert larger.shape == (1, 1, 2, 3)


@pytest.mark.parametrize("name", ["resnet18", "regnetx_002"])
def test_scores_that_are_averages_come_as_one_per_cell_on_demand(made_up: MadeUp, name: str) -> None:
    network = made_up(f"timm:{name}")
    layer, image = network.class_layer or "", pictures(*network.input_size)
    cells = network.dense((3,), averaged=False).activations(image, [layer])[layer]
    window = network.dense((3,)).activations(image, [layer])[layer]
    assert cells.shape == (1, 1, 7, 7)
    assert torch.allclose(cells.mean(), window.squeeze(), rtol=1e-3, atol=1e-4)


def test_a_normalisation_behind_the_average_keeps_the_average(made_up: MadeUp) -> None:
    network = made_up("timm:test_convnext")
    image = pictures(*network.input_size)
    scores = network.dense((3,), averaged=False).activations(image, ["head.fc"])["head.fc"]
    assert scores.shape == (1, 1, 1, 1)


def test_a_head_that_cannot_slide_is_told_and_layers_are_dreamt_all_the_same(made_up: MadeUp) -> None:
    network = made_up("timm:test_mambaout")
    with pytest.raises(TargetError, match="timm:test_mambaout scores classes by a head that cannot slide"):
        network.dense((3,))
    picture = pictures(64, 80)[0].permute(1, 2, 0).numpy()
    dreamer = Dreamer(
        network, {"layers": {"stages.1": 1}}, octaves=1, iterations=2, step_size=1, device="cpu"
    )
    assert np.abs(np.asarray(dreamer.dream(picture)) - picture).max() > 1 / 255


def test_a_layers_value_is_from_before_the_shortcut_is_added_in_place(made_up: MadeUp) -> None:
    network = made_up("timm:resnet18")
    image = pictures(64, 64).requires_grad_()
    found = network.activations(image, ["maxpool", "layer1.0.bn2", "layer1.0", "layer1"])
    assert torch.allclose((found["layer1.0.bn2"] + found["maxpool"]).relu(), found["layer1.0"], atol=1e-5)
    (of_bn,) = torch.autograd.grad(found["layer1.0.bn2"].sum(), image, retain_graph=True)
    (of_block,) = torch.autograd.grad(found["layer1.0"].sum(), image)
    assert not torch.allclose(of_bn, of_block)


def test_a_rectifiers_input_keeps_what_is_below_zero() -> None:
    found = small_vgg().activations(pictures(64, 64), ["features.0", "features.1"])
    assert found["features.0"].min() < 0
    assert torch.equal(found["features.1"], found["features.0"].relu())


def test_a_pass_ends_with_the_deepest_layer_asked_for(made_up: MadeUp) -> None:
    network = made_up("timm:resnet18")
    ran: list[str] = []
    handles = [
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
        for name, module in network.model.named_modules()
    ]
    network.activations(pictures(64, 64), ["layer2.1.conv1", "conv1"])
    for handle in handles:
        handle.remove()
    assert ran[0] == "conv1" and ran[-1] == "layer2.1.conv1"
    assert not any(name.startswith(("layer3", "layer4", "fc")) for name in ran)


def test_weights_get_no_gradient_and_pictures_do(made_up: MadeUp) -> None:
    network = made_up("timm:test_convnext")
    image = pictures(64, 96).requires_grad_()
    value = network.activations(image, ["stages.1"])["stages.1"].square().sum()
    (gradient,) = torch.autograd.grad(value, image)
    step = 1e-3 * gradient / gradient.abs().max()
    with torch.no_grad():
        ahead, behind = (
            network.activations(image + sign * step, ["stages.1"])["stages.1"].double().square().sum()
            for sign in (0.5, -0.5)
        )
    assert (gradient * step).sum().item() == pytest.approx((ahead - behind).item(), rel=2e-2)
    assert not any(parameter.requires_grad for parameter in network.model.parameters())
    assert not network.activations(image.detach(), ["stem"])["stem"].requires_grad


def test_stage_outputs_have_the_names_that_timm_gives_them(made_up: MadeUp) -> None:
    for kind in KINDS:
        network = made_up(f"timm:{kind}")
        stages: Any = network.model.feature_info
        named = {stage["module"] for stage in stages}
        assert named <= {layer.name for layer in network.layers}, kind


def test_layers_are_listed_with_rows_and_columns_last(made_up: MadeUp) -> None:
    network = made_up("timm:test_convnext")
    layers = {layer.name: layer for layer in network.layers}
    assert layers["stages.0.blocks.0.mlp.fc1"].shape == (1, 96, 40, 40), "timm has channels last there"
    assert (layers["stages.3"].channels, layers["stages.3"].type) == (64, "ConvNeXtStage")
    assert layers["head.fc"].shape == (1, 1000)
    found = network.activations(pictures(64, 96), ["stages.0.blocks.0.mlp.fc1"])
    assert found["stages.0.blocks.0.mlp.fc1"].shape == (1, 96, 16, 24)


def test_an_unknown_layer_is_answered_with_the_nearest_names(made_up: MadeUp) -> None:
    with pytest.raises(
        LayerNotFoundError, match=r"'layer5' does not exist in timm:resnet18\. Nearest: layer4"
    ):
        made_up("timm:resnet18").activations(pictures(32, 32), ["layer5"])


def test_a_module_that_runs_twice_is_no_layer() -> None:
    class Twice(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.act = torch.nn.Conv2d(3, 3, 3), torch.nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            value: Tensor = self.act(self.conv(self.act(x)))
            return value

    model = Twice().eval().requires_grad_(False)
    network = TimmNetwork("twice", model, (16, 16), Preprocess("RGB", (0.5,), 1.0))
    assert [layer.name for layer in network.layers] == ["conv"]
    with pytest.raises(LayerNotFoundError, match="'act' of twice cannot be dreamt of: it runs 2 times"):
        network.activations(pictures(16, 16), ["act"])


@pytest.mark.parametrize(
    ("name", "layer", "side"),
    [
        ("resnet18", "layer2", 160),
        ("tf_efficientnet_lite0", "blocks.3.0", 420),
        ("test_convnext", "stages.1", 230),
        ("regnetx_002", "s2", 240),
    ],
)
def test_a_tiles_gradient_inside_its_halo_is_the_whole_pictures(
    made_up: MadeUp, name: str, layer: str, side: int
) -> None:
    network = made_up(f"timm:{name}")
    field = network.receptive_field([layer])
    image = pictures(side + 7, 32)
    whole = energy_gradient(network, layer, image)
    top = field.stride
    part = energy_gradient(network, layer, image[:, :, top:])
    inside, rim = part[:, :, field.halo :], part[:, :, : field.halo]
    assert inside.shape[2] > 16, "choose sizes that leave something to compare"
    difference = inside - whole[:, :, top + field.halo :]
    assert difference.abs().max() / whole.abs().max() < 1e-5
    beyond = rim - whole[:, :, top : top + field.halo]
    assert beyond.abs().max() / whole.abs().max() > 1e-3, "the halo is not needed"


def test_what_gates_by_the_whole_picture_is_not_cut_into_tiles(made_up: MadeUp) -> None:
    network = made_up("timm:mobilenetv3_small_050")
    assert network.receptive_field(["conv_stem"]) == ReceptiveField(2, halo=2, first=0, spread=1)
    with pytest.raises(TargetError, match=r"'blocks\.3\.0' \(InvertedResidual\) depends on the whole image"):
        network.receptive_field(["blocks.3.0"])


def test_a_pass_to_a_deeper_layer_takes_more_memory(made_up: MadeUp) -> None:
    network = made_up("timm:resnet18")
    by_depth = [network.numbers_per_pixel([layer]) for layer in ("conv1", "layer1", "layer4", "fc")]
    assert by_depth == sorted(by_depth) and by_depth[0] >= 64 / 4


@pytest.mark.parametrize("name", ["resnet18", "test_convnext"])
def test_in_bfloat16_values_are_nearly_the_same(made_up: MadeUp, name: str) -> None:
    network = made_up(f"timm:{name}")
    layer, image = network.layers[30].name, pictures(64, 64)
    exact = network.activations(image, [layer])[layer]
    rough = network.to(CPU, torch.bfloat16).activations(image, [layer])[layer]
    assert rough.dtype == torch.bfloat16
    assert (rough.float() - exact).norm() / exact.norm() < 0.05
    assert network.activations(image, [layer])[layer].dtype == torch.float32, "the original stays as it is"


def test_a_size_that_is_too_small_is_explained() -> None:
    with pytest.raises(TargetError, match=r"features\.5 of vgg does not work on an image of 3x2"):
        small_vgg().activations(pictures(2, 3), ["features.5"])


def small_vgg() -> TimmNetwork:
    """A VGG of two convolutions, with the head that all of them have: it reads a map of 7x7 at once."""
    from timm.models.vgg import VGG

    model = VGG(cfg=[8, "M", 16, "M"], num_classes=12, mlp_ratio=1 / 64)
    return TimmNetwork(
        "vgg", prepared(model), (28, 28), Preprocess("RGB", (0.5,), 1.0), class_layer="head.fc"
    )


def test_a_head_that_reads_a_map_at_once_slides_over_it() -> None:
    network, image = small_vgg(), pictures(28, 28)
    plain = network.activations(image, ["head.fc"])["head.fc"]
    dense = network.dense((5, 1))
    assert torch.allclose(
        dense.activations(image, ["head.fc"])["head.fc"][..., 0, 0], plain[:, [5, 1]], atol=1e-5
    )
    image = pictures(36, 48)
    slid = dense.activations(image, ["head.fc"])["head.fc"]
    field = dense.receptive_field(["head.fc"])
    assert slid.shape == (1, 2, 3, 6) and field.stride == 4
    assert field.halo >= 28, "a score sees a window of the network's size"
