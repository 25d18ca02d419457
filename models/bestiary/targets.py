"""What a picture should be taken for: its class with a little doubt, or nothing at all."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .drawn import BACKGROUND


def soft_targets(labels: NDArray[np.int64], classes: int, smoothing: float) -> Tensor:
    """Probabilities (n, classes): smoothed certainty for a class, all alike for a bare background."""
    targets = torch.full((len(labels), classes), 1.0 / classes)
    named = torch.from_numpy(np.flatnonzero(labels != BACKGROUND))
    targets[named] = smoothing / classes
    targets[named, torch.from_numpy(labels)[named]] += 1.0 - smoothing
    return targets
