"""Batches as the network sees them: cut out, mirrored, scaled, turned a little, recoloured, noisy;
and what it should take them for: the class with a little doubt, or nothing at all.

Everything random comes from one generator, so that a batch is a function of the training seed and its number.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .drawn import BACKGROUND, drawn_px
from .net import INPUT_PX, normalise


def uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Random numbers (count,) between two limits."""
    return low + (high - low) * torch.rand(count, generator=generator)


def augmented(blocks: Sequence[NDArray[np.uint8]], side_px: int, generator: torch.Generator) -> Tensor:
    """Normalised BGR batch (n, 3, side, side) from blocks of RGB uint8 pictures (n, h, w, 3) of any size."""
    images = torch.cat([_fitted(block, drawn_px(side_px)) for block in blocks])
    images = _moved(images, side_px, generator)
    images = _recoloured(images, generator)
    strength = uniform(len(images), 0.0, 9.0, generator).view(-1, 1, 1, 1)
    images = images + strength * torch.randn(images.shape, generator=generator)
    return normalise(images.clamp(0, 255)).contiguous(memory_format=torch.channels_last)


def centred(pictures: Tensor) -> Tensor:
    """Normalised BGR batch (n, 3, 128, 128): the middles of RGB uint8 pictures (n, h, w, 3), unchanged."""
    edge = (pictures.shape[1] - INPUT_PX) // 2
    cut = pictures[:, edge : edge + INPUT_PX, edge : edge + INPUT_PX]
    return normalise(cut.permute(0, 3, 1, 2).float()).contiguous(memory_format=torch.channels_last)


def _fitted(block: NDArray[np.uint8], size_px: int) -> Tensor:
    """Pictures (n, 3, size, size) in 0..255, made smaller where they were drawn for a later, larger phase."""
    images = torch.from_numpy(block).permute(0, 3, 1, 2).float()
    if images.shape[2] == size_px:
        return images
    return functional.interpolate(images, (size_px, size_px), mode="bilinear", antialias=True)


def _moved(images: Tensor, side_px: int, generator: torch.Generator) -> Tensor:
    count = len(images)
    share = side_px / images.shape[2]
    scale = share * uniform(count, 0.82, 1.12, generator)
    angle = uniform(count, -math.pi / 15, math.pi / 15, generator)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = [uniform(count, share - 1, 1 - share, generator) * 1.5 for _ in range(2)]
    rows = torch.stack([mirror * cos, -sin, shift[0], mirror * sin, cos, shift[1]], dim=1)
    grid = functional.affine_grid(rows.view(-1, 2, 3), [count, 3, side_px, side_px], align_corners=False)
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _recoloured(images: Tensor, generator: torch.Generator) -> Tensor:
    count = len(images)
    factor = [
        uniform(count, low, high, generator).view(-1, 1, 1, 1) for low, high in ((0.7, 1.3), (0.75, 1.25))
    ]
    saturation, contrast = factor
    brightness = uniform(count, -22.0, 22.0, generator).view(-1, 1, 1, 1)
    cast = uniform(count * 3, 0.92, 1.08, generator).view(-1, 3, 1, 1)
    grey = images.mean(dim=1, keepdim=True)
    images = (grey + (images - grey) * saturation) * cast
    middle = images.mean(dim=(1, 2, 3), keepdim=True)
    return middle + (images - middle) * contrast + brightness


def soft_targets(labels: NDArray[np.int64], classes: int, smoothing: float) -> Tensor:
    """Probabilities (n, classes): smoothed certainty for a class, all alike for a bare background."""
    targets = torch.full((len(labels), classes), 1.0 / classes)
    named = torch.from_numpy(np.flatnonzero(labels != BACKGROUND))
    targets[named] = smoothing / classes
    targets[named, torch.from_numpy(labels)[named]] += 1.0 - smoothing
    return targets
