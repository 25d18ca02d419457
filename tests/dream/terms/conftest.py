"""Every kind of term on the small classifier, aimed and prepared as a dream does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lucidreel.dream.objective import Maps
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network

from .kinds import Aimed, Prepare


@pytest.fixture
def prepare(network: Network) -> Prepare:
    """Aim at targets and let them choose what they choose for a picture (1, 3, h, w)."""

    def prepare(targets: Targets, picture: Tensor, maps: Maps | None = None) -> Aimed:
        dense, objective = build_objective(resolve_targets(targets, network, 0), network)
        dense = dense.to(torch.device("cpu"), torch.float32)
        return Aimed(dense, *objective.prepared(dense, picture, maps or {}))

    return prepare


@pytest.fixture
def guide_file(tmp_path: Path) -> Path:
    """A guide of 60 x 48 pixels with many colours."""
    path = tmp_path / "bees.png"
    pixels = np.random.default_rng(4).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((60, 48), Image.Resampling.BICUBIC).save(path)
    return path
