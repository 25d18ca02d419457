"""No grid of strides or tiles in what is dreamt on a picture without structure of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig, Tiles
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.tiling.grid import Grid
from lucidreel.dream.transforms.view import View
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

Change = NDArray[np.float32]


def change(network: Network, height: int, width: int, jitter_px: int, tiles: Tiles) -> Change:
    """Return the mean absolute change per pixel of a dream on faint noise."""
    noise = np.random.default_rng(2).normal(0.5, 0.03, (3, height, width)).clip(0, 1).astype(np.float32)
    config = DreamConfig(
        octaves=1, iterations=16, border_px=24, jitter_px=jitter_px, tiles=tiles, precision="fp32"
    )
    dreamer = Dreamer(network, Targets(classes={"jellyfish": 1.0}), config, torch.device("cpu"))
    result: Change = np.abs(dreamer.dream(noise) - noise).mean(axis=0)
    return result


def beat(change: Change, period: int) -> float:
    """Return how much rows and columns differ by their place within a period, beside their mean.

    Where places do not matter it is about the same for all short periods.
    """
    beats = []
    for axis in (0, 1):
        profile = change.mean(axis=axis)
        slow = np.convolve(np.pad(profile, 16, mode="reflect"), np.ones(33) / 33, "valid")
        whole = len(profile) // period * period
        folded = (profile - slow)[:whole].reshape(-1, period).mean(axis=0)
        beats.append(folded.std() * np.sqrt(whole / period))
    return float(np.mean(beats) / change.mean())


def test_the_shifts_of_every_step_hide_the_strides_of_a_real_network(shared: Path) -> None:
    network = load_network(shared / "models" / "squeezenet_v1.0")
    moving, still = (change(network, 256, 384, jitter_px=jitter, tiles="dense") for jitter in (32, 0))
    chance = max(beat(moving, period) for period in (3, 5, 7, 9))
    for stride in (4, 8):
        assert beat(moving, stride) < 2 * chance < beat(still, stride), stride


def test_a_grid_that_moves_hides_the_distance_of_its_tiles(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = change(network, 200, 240, jitter_px=32, tiles="grid")
    move = Grid.views

    def stay(
        grid: Grid, picture: tuple[int, int], jitter_px: int, shift: tuple[int, int], number: int
    ) -> list[View]:
        return list(move(grid, picture, jitter_px, shift, 0))

    monkeypatch.setattr(Grid, "views", stay)
    still = change(network, 200, 240, jitter_px=32, tiles="grid")
    for period in (4, 36):
        assert beat(moving, period) < 0.3 * beat(still, period), period
