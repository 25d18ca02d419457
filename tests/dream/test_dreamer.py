"""The dreamer: what a picture looks like after the octaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import DeviceError, TargetError
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

Frame = NDArray[np.float32]
CPU = torch.device("cpu")
SHORT = DreamConfig(octaves=2, iterations=4, border_px=16, jitter_px=8, seed=11)
GOLDFISH = Targets(classes={"goldfish": 1.0})


def score(network: Network, frame: Frame, channel: int) -> float:
    """Return the mean score of one class over the frame."""
    scores = network.dense().activations(torch.from_numpy(frame)[None], ["score"])["score"]
    return float(scores[0, channel].mean())


@pytest.mark.parametrize("channel", range(5))
def test_dream_raises_the_score_of_its_class_and_a_negative_weight_lowers_it(
    network: Network, picture: Frame, channel: int
) -> None:
    before = score(network, picture, channel)
    towards = Dreamer(network, Targets(classes={str(channel): 1.0}), SHORT, CPU).dream(picture)
    away = Dreamer(network, Targets(classes={str(channel): -1.0}), SHORT, CPU).dream(picture)
    assert score(network, away, channel) < before < score(network, towards, channel)


def test_layer_dream_raises_the_layers_norm(network: Network, picture: Frame) -> None:
    def norm(frame: Frame) -> float:
        return float(network.activations(torch.from_numpy(frame)[None], ["conv2"])["conv2"].norm())

    dreamt = Dreamer(network, Targets(layers={"conv2": 1.0}), SHORT, CPU).dream(picture)
    assert norm(dreamt) > 1.2 * norm(picture)


def test_same_seed_gives_the_same_picture_and_another_seed_another(network: Network, picture: Frame) -> None:
    first, again = (Dreamer(network, GOLDFISH, SHORT, CPU).dream(picture) for _ in range(2))
    other = Dreamer(network, GOLDFISH, SHORT.model_copy(update={"seed": 12}), CPU).dream(picture)
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=1e-3)


def test_one_dreamer_gives_the_same_dream_whatever_it_dreamt_before(network: Network, picture: Frame) -> None:
    dreamer = Dreamer(network, GOLDFISH, SHORT, CPU)
    first = dreamer.dream(picture)
    dreamer.dream(picture[:, ::-1].copy())
    assert np.array_equal(first, dreamer.dream(picture))


def test_a_spectrum_added_for_one_dream_is_that_of_settings_with_so_much_more(
    network: Network, picture: Frame
) -> None:
    def dreamer(spectrum: float) -> Dreamer:
        return Dreamer(network, GOLDFISH, SHORT.model_copy(update={"spectrum": spectrum}), CPU)

    added = dreamer(0.25).dream(picture, spectrum_added=0.5)
    assert np.array_equal(added, dreamer(0.75).dream(picture))
    assert not np.allclose(added, dreamer(0.25).dream(picture), atol=1e-3)


def test_a_blur_added_for_one_dream_is_that_of_settings_with_so_much_more(
    network: Network, picture: Frame
) -> None:
    blurred = Dreamer(network, GOLDFISH, SHORT.model_copy(update={"sigma_px": 0.75}), CPU).dream(picture)
    added = Dreamer(network, GOLDFISH, SHORT, CPU).dream(picture, sigma_added_px=0.75)
    assert np.array_equal(added, blurred)


def test_every_step_is_told(network: Network, picture: Frame) -> None:
    told: list[tuple[int, int]] = []
    dreamer = Dreamer(network, GOLDFISH, SHORT, CPU)
    dreamer.on_step = lambda done, total: told.append((done, total))
    dreamer.dream(picture, iterations_share=0.5)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_dream_stays_a_picture(network: Network, picture: Frame) -> None:
    loud = SHORT.model_copy(update={"step_size": 60.0})
    dreamt = Dreamer(network, GOLDFISH, loud, CPU).dream(picture)
    assert dreamt.shape == picture.shape
    assert dreamt.dtype == np.float32
    assert dreamt.min() >= 0.0 and dreamt.max() <= 1.0


def test_step_size_is_the_mean_change_of_a_pixel(network: Network, picture: Frame) -> None:
    one_step = DreamConfig(octaves=1, iterations=1, step_size=2.0, border_px=16)
    change = np.abs(Dreamer(network, GOLDFISH, one_step, CPU).dream(picture) - picture)
    assert change.mean() * 255 == pytest.approx(2.0, rel=0.02)


def test_no_iterations_return_the_picture(network: Network, picture: Frame) -> None:
    still = SHORT.model_copy(update={"iterations": 0})
    assert np.allclose(Dreamer(network, GOLDFISH, still, CPU).dream(picture), picture, atol=1e-5)


def test_dream_starts_from_init(network: Network, picture: Frame) -> None:
    still = SHORT.model_copy(update={"iterations": 0})
    init = picture[:, ::-1].copy()
    assert np.allclose(Dreamer(network, GOLDFISH, still, CPU).dream(picture, init=init), init, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (5, 90), (20, 20), (47, 33)])
def test_pictures_smaller_than_the_networks_input_dream_too(network: Network, shape: tuple[int, int]) -> None:
    tiny = np.random.default_rng(0).random((3, *shape), dtype=np.float32)
    dreamt = Dreamer(network, GOLDFISH, SHORT, CPU).dream(tiny)
    assert dreamt.shape == tiny.shape
    assert not np.allclose(dreamt, tiny, atol=1e-3)


def test_flat_picture_dreams(network: Network) -> None:
    grey = np.full((3, 60, 60), 0.5, np.float32)
    assert Dreamer(network, GOLDFISH, SHORT, CPU).dream(grey).std() > 0.005


@pytest.mark.parametrize("memory_mib", [1, 4096])
def test_tiles_and_threads_change_the_picture_by_less_than_a_grey_level(
    network: Network, memory_mib: int
) -> None:
    """Float sums in another order may tip a maximum; the stated tolerance is 1/255 on average."""
    large = np.random.default_rng(1).random((3, 300, 340), dtype=np.float32)
    config = SHORT.model_copy(update={"memory_mib": memory_mib})
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = Dreamer(network, GOLDFISH, SHORT, CPU).dream(large)
        torch.set_num_threads(2)
        dreamer = Dreamer(network, GOLDFISH, config, CPU)
        assert isinstance(dreamer.gradient, NetworkGradient)
        assert (len(dreamer.gradient.tiles_for(*large.shape[1:])) > 1) is (memory_mib == 1)
        together = dreamer.dream(large)
    finally:
        torch.set_num_threads(threads)
    assert np.abs(alone - together).mean() * 255 < 1.0


def test_bf16_dreams_nearly_the_same_picture(network: Network, picture: Frame) -> None:
    exact = Dreamer(network, GOLDFISH, SHORT, CPU).dream(picture)
    short = SHORT.model_copy(update={"precision": "bf16"})
    rounded = Dreamer(network, GOLDFISH, short, CPU).dream(picture)
    change = (exact - picture).ravel()
    assert np.corrcoef(change, (rounded - picture).ravel())[0, 1] > 0.9


def test_squeezenet_recognises_the_class_it_dreamt(shared: Path) -> None:
    """A grey picture dreamt towards a class is classified as that class, octaves and all."""
    network = load_network(shared / "models" / "squeezenet_v1.0")
    grey = np.full((3, 227, 227), 0.45, np.float32)
    config = DreamConfig(octaves=2, iterations=6, step_size=2.0)
    dreamt = Dreamer(network, Targets(classes={"jellyfish": 1.0}), config, CPU).dream(grey)
    scores = network.activations(torch.from_numpy(dreamt)[None], ["pool10"])["pool10"]
    assert network.labels[int(scores.flatten().argmax())].name == "jellyfish"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_missing_device_says_what_there_is() -> None:
    with pytest.raises(DeviceError, match=r"'cuda' is not available.*cpu"):
        choose_device("cuda")


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral"])
@pytest.mark.parametrize("pad", ["reflect", "mean"])
def test_a_neuron_dreams_at_its_place_and_nowhere_else(network: Network, tiles: str, pad: str) -> None:
    frame = np.random.default_rng(0).uniform(0.3, 0.7, (3, 100, 120)).astype(np.float32)
    config = DreamConfig.model_validate(
        {"octaves": 1, "iterations": 4, "spectrum": 0, "jitter_px": 12, "tiles": tiles, "pad": pad}
    )
    dream = Dreamer(network, Targets(neurons={"conv1:3@0.25,0.7": 1.0}), config, CPU).dream(frame)
    change = np.abs(dream - frame).sum(axis=0)
    assert change[62:78, 22:38].sum() > 0.9 * change.sum() > 0


def test_targets_that_no_octave_is_left_for_are_refused(network: Network) -> None:
    config = DreamConfig(octaves=2, octave_targets=[Targets(layers={"conv2": 1.0})] * 2)
    with pytest.raises(TargetError, match="every octave"):
        Dreamer(network, GOLDFISH, config, CPU)
    mixed = DreamConfig(octaves=2, octave_targets=[Targets(), Targets(layers={"conv2": 1.0})])
    assert Dreamer(network, GOLDFISH, mixed, CPU).description.startswith("goldfish, then")


def test_classes_scored_by_their_best_place_get_a_border_of_one_stride_and_layers_a_wider_one() -> None:
    """Beside a wide mirror, half a creature is as good as a whole one."""

    def size(targets: Targets) -> tuple[int, int]:
        dreamer = Dreamer(load_network("bestiary"), targets, DreamConfig(jitter_px=0), CPU)
        return next(dreamer.objectives[-1].tiling.views((160, 320), 0, (0, 0), 0)).size

    assert size(Targets(classes={"frog": 1.0})) == (160 + 2 * 16, 320 + 2 * 16)
    assert size(Targets(layers={"conv4_3": 1.0}))[0] >= 160 + 2 * 48
