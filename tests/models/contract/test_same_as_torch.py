"""Other backends dream what PyTorch dreams of the same files: gradients within 1e-3, pictures alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from lucidreel import Dreamer
from lucidreel.models.zoo.registry import EMBEDDED_FOLDER

from .conftest import here
from .runners import OF_CAFFE_FILES, TORCH, FileNetwork, FileRunner

WITHIN = 1e-3
UNSEEN = 1e-5  # a four-hundredth of a level
QUICK: dict[str, Any] = {"iterations": 4, "device": "cpu", "precision": "fp32"}
Photo: TypeAlias = Callable[[int, int], NDArray[np.float32]]


@pytest.fixture(
    scope="module", params=[each for each in OF_CAFFE_FILES if each is not TORCH], ids=lambda each: each.name
)
def other(request: pytest.FixtureRequest) -> FileRunner:
    """Each backend but PyTorch."""
    runner: FileRunner = request.param
    return here(runner)


@pytest.fixture(scope="module")
def both(shared: Path, other: FileRunner) -> tuple[FileNetwork, FileNetwork]:
    """The real SqueezeNet in PyTorch, and in another backend."""
    folder = shared / "models" / "squeezenet_v1.0"
    return TORCH.load(folder), other.load(folder)


@pytest.fixture(scope="module")
def photo(shared: Path) -> Photo:
    """A photo at a size, (height, width, 3)."""
    with Image.open(shared / "photos" / "red_barn.jpg") as file:
        whole = file.convert("RGB")

    def at(width: int, height: int) -> NDArray[np.float32]:
        small = whole.resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(small, np.float32) / np.float32(255)

    return at


def planes(picture: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None]


def gradient(network: FileNetwork, images: Tensor, layers: dict[str, float]) -> Tensor:
    """The gradient of half the squared length of layers, each with a weight, over the pixels."""
    leaf = images.clone().requires_grad_()
    values = network.activations(leaf, tuple(layers))
    total = sum(weight * values[name].square().sum() / 2 for name, weight in layers.items())
    assert isinstance(total, Tensor)
    (found,) = torch.autograd.grad(total, leaf)
    return found


@pytest.mark.parametrize(
    "layers",
    [{"fire8/concat": 1.0}, {"fire3/concat": 1.0, "fire5/concat": 0.1, "conv1": 0.5}],
    ids=["one", "three"],
)
def test_gradients_of_layers_are_the_same_all_through_a_dream(
    both: tuple[FileNetwork, FileNetwork], photo: Photo, layers: dict[str, float]
) -> None:
    dreamer = Dreamer(both[0], {"layers": layers}, octaves=3, **QUICK)
    pictures = [photo(227, 227), *dreamer.octaves(photo(160, 120))]
    assert_same([[gradient(network, planes(each), layers) for network in both] for each in pictures])


@pytest.mark.parametrize("averaged", [True, False])
def test_scores_and_gradients_of_dense_classes_are_the_same(
    both: tuple[FileNetwork, FileNetwork], photo: Photo, averaged: bool
) -> None:
    scores, gradients = [], []
    for size in ((227, 227), (275, 243), (192, 256)):
        found = []
        for network in both:
            dense, leaf = network.dense([425, 107], averaged), planes(photo(*size)).requires_grad_()
            value = dense.activations(leaf, ["pool10"])["pool10"]
            found += [(value.detach(), *torch.autograd.grad(value.sum(), leaf))]
        scores += [[each[0] for each in found]]
        gradients += [[each[1] for each in found]]
    assert_same(scores)
    assert_same(gradients)


def assert_same(pairs: Sequence[Sequence[Tensor]]) -> None:
    """Assert that pairs are within a thousandth of each other.

    Of a photo's near ties, rounding alone moves some gradients to the pixel beside: hardly anywhere, and with
    the tolerance that was recorded for real Caffe itself (conformance/squeezenet_v1.0_real).
    """
    assert all(ours.shape == theirs.shape for ours, theirs in pairs)
    far = [float(torch.linalg.norm(theirs - ours) / torch.linalg.norm(ours)) for ours, theirs in pairs]
    assert median(far) <= WITHIN and max(far) <= 0.01, far


@pytest.mark.parametrize(
    "targets", [{"layers": {"fire8/concat": 1}}, {"classes": {"jellyfish": 1}}], ids=["layer", "class"]
)
def test_dreams_are_alike_to_the_eye(
    both: tuple[FileNetwork, FileNetwork], photo: Photo, targets: dict[str, Any]
) -> None:
    assert_alike(both, photo(160, 120), targets)


def test_the_embedded_network_dreams_alike(other: FileRunner) -> None:
    picture = np.random.default_rng(3).random((64, 80, 3), dtype=np.float32)
    both = TORCH.load(EMBEDDED_FOLDER), other.load(EMBEDDED_FOLDER)
    assert_alike(both, picture, {"classes": {"butterfly": 1}})


def assert_alike(
    both: tuple[FileNetwork, FileNetwork], picture: NDArray[np.float32], targets: dict[str, Any]
) -> None:
    """Assert that dreams are no further apart than two of PyTorch's, of pictures that nobody can tell apart.

    Dreams that are the same but for rounding part within ten steps: where two places of a window are nearly
    equal, which of them is the largest decides where all comes to lie (docs/caffe.md).
    """
    ours, theirs = (Dreamer(network, targets, octaves=2, **QUICK) for network in both)
    noise = np.random.default_rng(0).normal(0, UNSEEN, picture.shape)
    dream = ours.dream(picture)
    own = apart(dream, ours.dream(np.clip(picture + noise, 0, 1).astype(np.float32)))
    assert apart(dream, theirs.dream(picture)) <= max(1.5 * own, 0.1)
    assert apart(dream, picture) > 3


def apart(one: Any, other: Any) -> float:
    """How far two pictures are apart, root mean square, in levels of 255."""
    return float(255 * np.sqrt(np.square(one - other).mean()))
