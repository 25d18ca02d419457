"""Inside its halo, a tile's gradient is the whole image's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.errors import TargetError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_folder
from lucidreel.models.network import ReceptiveField

MakeNetwork = Callable[..., CaffeNetwork]


def l2_gradient(network: CaffeNetwork, layers: Sequence[str], image: Tensor) -> Tensor:
    image = image.detach().requires_grad_()
    values = network.activations(image, layers).values()
    energy = torch.stack([value.double().square().sum() for value in values]).sum()
    return torch.autograd.grad(energy, image)[0]


def assert_tiles_agree(
    network: CaffeNetwork, layers: Sequence[str], height: int, width: int, tile: int
) -> None:
    """Cut the image into rows of tiles that start on the grid, and compare inside and outside the halo."""
    field = network.receptive_field(layers)
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    whole = l2_gradient(network, layers, image)
    scale = whole.abs().max()
    last = (height - tile) // field.stride * field.stride
    middle = last // 2 // field.stride * field.stride
    assert 0 < middle < last and tile > 2 * field.halo, "choose sizes that leave something to compare"
    for top in (0, middle, last):
        bottom = height if top == last else top + tile
        part = l2_gradient(network, layers, image[:, :, top:bottom])
        first = top + field.halo if top else 0
        end = bottom - field.halo if bottom < height else height
        difference = (part[:, :, first - top : end - top] - whole[:, :, first:end]).abs().max() / scale
        assert difference < 1e-5
        if top:  # and the halo is needed: nearer to the cut the gradient is another one
            beyond = (part[:, :, : field.halo] - whole[:, :, top:first]).abs().max() / scale
            assert beyond > 1e-3


@pytest.mark.parametrize(
    ("case", "layer", "height", "width", "tile"),
    [
        ("thin_googlenet", "inception_3b/output", 400, 70, 320),
        ("thin_googlenet", "inception_4a/output", 560, 70, 460),
        ("thin_squeezenet_v1.1", "fire5/concat", 260, 60, 200),
        ("thin_resnet", "res3a_relu", 200, 60, 160),
    ],
)
def test_tiled_gradient_equals_whole_image_inside_halo(
    shared: Path, case: str, layer: str, height: int, width: int, tile: int
) -> None:
    network = load_folder(shared / "conformance" / case)
    names = [info.name for info in network.layers]
    assert layer in names, names
    assert_tiles_agree(network, [layer], height, width, tile)


@pytest.mark.parametrize("case", ["thin_caffenet", "thin_resnet"])
def test_tiled_gradient_of_dense_class_scores_equals_whole_image_inside_halo(shared: Path, case: str) -> None:
    network = load_folder(shared / "conformance" / case).dense()
    assert network.class_layer is not None
    halo = network.receptive_field([network.class_layer]).halo
    assert_tiles_agree(network, [network.class_layer], 4 * halo, 70, 3 * halo)


def test_squeezenets_tiles_agree_for_a_layer_and_for_its_dense_classes(shared: Path) -> None:
    network = load_folder(shared / "models" / "squeezenet_v1.0").dense()
    assert network.receptive_field(["fire8/concat"]) == ReceptiveField(8, halo=106, first=9, spread=15)
    assert_tiles_agree(network, ["fire3/concat", "fire8/concat"], 320, 64, 240)
    assert network.receptive_field(["pool10"]) == ReceptiveField(16, halo=378, first=129, spread=73)
    assert_tiles_agree(network, ["pool10"], 860, 240, 780)


def test_squeezenets_tiles_agree_with_a_smaller_halo_when_its_cells_are_not_averaged(shared: Path) -> None:
    network = load_folder(shared / "models" / "squeezenet_v1.0").dense((107,), averaged=False)
    assert network.receptive_field(["pool10"]) == ReceptiveField(16, halo=154, first=17, spread=21)
    assert_tiles_agree(network, ["pool10"], 480, 160, 352)


CONV = """layer { name: "c" type: "Convolution" bottom: "data" top: "c"
          convolution_param { num_output: 2 kernel_h: 5 kernel_w: 3 stride: 2 dilation: 2 pad: 1 } }"""


def test_receptive_fields_by_hand(make_network: MakeNetwork) -> None:
    # Dilated 5 rows: 2 * 4 = 8 pixels to either side; then 3x3 windows of cells two pixels apart: 2 * 2 more.
    pool = """layer { name: "p" type: "Pooling" bottom: "c" top: "p"
              pooling_param { kernel_size: 3 stride: 3 pad: 1 } }"""
    network = make_network(CONV, pool, shape=(1, 3, 40, 40))
    # Middles: 4 rows inside the first window but for one of padding. Variances: 2^2 (5^2 - 1) / 12 = 8, and
    # 2^2 (3^2 - 1) / 12 more.
    assert network.receptive_field(["c"]) == ReceptiveField(stride=2, halo=8, first=3, spread=3)
    assert network.receptive_field(["p"]) == ReceptiveField(stride=6, halo=12, first=3, spread=4)
    assert network.receptive_field(["c", "p"]) == ReceptiveField(stride=6, halo=12, first=3, spread=4)


def test_cells_that_see_padding_alone_do_not_count_for_the_first(make_network: MakeNetwork) -> None:
    """SqueezeNet's conv10 is one: a kernel of 1 with padding of 1."""
    padded = """layer { name: "p" type: "Convolution" bottom: "c" top: "p"
                convolution_param { num_output: 2 kernel_size: 1 pad: 1 } }"""
    network = make_network(CONV, padded, shape=(1, 3, 40, 40))
    assert network.receptive_field(["p"]) == network.receptive_field(["c"])


def test_upsampled_maps_have_the_grid_of_the_coarsest_map_before(make_network: MakeNetwork) -> None:
    up = """layer { name: "up" type: "Deconvolution" bottom: "c" top: "up"
            convolution_param { num_output: 2 kernel_size: 4 stride: 2 pad: 1 bias_term: false } }"""
    network = make_network(CONV, up, shape=(1, 3, 40, 40))
    assert network.receptive_field(["up"]).stride == 2
    assert_tiles_agree(network, ["up"], 96, 20, 64)


def test_a_layer_that_sees_the_whole_image_has_no_receptive_field(make_network: MakeNetwork) -> None:
    whole = """layer { name: "g" type: "Pooling" bottom: "c" top: "g"
               pooling_param { pool: AVE global_pooling: true } }"""
    with pytest.raises(TargetError, match=r"'g' .* depends on the whole image"):
        make_network(CONV, whole).receptive_field(["g"])
