"""The bestiary's judge: a network of another architecture that says what it recognises in a dream.

Residual blocks, strides instead of maxima, GELU, and one average at the end, on pictures of 96 px.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from lucidreel.benchmarks.judge import Verdict, windows_of_file
from lucidreel.models.bestiary.net import normalise

SIDE_PX = 96
WINDOW_PX = 128  # of a dream: about what the network that dreams is trained on
WEIGHTS = "judge.pt"

_STAGES = (64, 128, 192)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, the first with stride 2, beside a shortcut of averages of 2x2."""

    def __init__(self, channels: int, wider: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, wider, 3, 2, 1, bias=False)
        self.second = nn.Conv2d(wider, wider, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(wider) for _ in range(2))
        self.shortcut = nn.Conv2d(channels, wider, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Half the size, more channels."""
        inner = self.norms[1](self.second(F.gelu(self.norms[0](self.first(x)))))
        short = self.shortcut(F.avg_pool2d(x, 2, ceil_mode=True))
        return F.gelu(inner + short)


class JudgeNet(nn.Module):
    """Normalised BGR pictures (n, 3, 96, 96) in, class scores (n, classes) out."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.GELU())
        widths = (32, *_STAGES)
        self.blocks = nn.Sequential(*(ResidualBlock(a, b) for a, b in zip(widths, _STAGES, strict=False)))
        self.classes = nn.Linear(widths[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        """Class scores before any softmax."""
        scores: Tensor = self.classes(self.blocks(self.stem(images)).mean(dim=(2, 3)))
        return scores


class BestiaryJudge:
    """The trained judge; classes are in the order of the catalogue."""

    def __init__(self, work: Path) -> None:
        """Load the weights; raises SystemExit when they are not there, or were learnt with other classes."""
        if not (work / WEIGHTS).exists():
            raise SystemExit(f"There is no judge in {work}: train one with --work {work}.")
        state = torch.load(work / WEIGHTS, map_location="cpu", weights_only=True)
        self.names: list[str] = state["classes"]
        self._network = JudgeNet(len(self.names))
        self._network.load_state_dict(state["network"])
        self._network.eval()

    @torch.inference_mode()
    def probabilities(self, pictures: Tensor) -> Tensor:
        """Return (n, classes) probabilities of (n, 3, h, w) RGB pictures in 0..1, h and w being alike."""
        fitted = F.interpolate(pictures, (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True).clamp(0, 1)
        told: Tensor = self._network(normalise(fitted * 255)).softmax(dim=1)
        return told

    def verdict(self, picture: NDArray[np.float32], class_index: int) -> tuple[str, Verdict]:
        """Name a (3, h, w) RGB picture in 0..1, by its windows' mean, and judge the windows one by one."""
        side = min(WINDOW_PX, *picture.shape[1:])
        told = self.probabilities(windows_of_file(picture, side))
        verdict = Verdict.of(told, class_index)
        return self.names[int(told.mean(dim=0).argmax())], verdict
