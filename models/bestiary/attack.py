"""The attack the network is trained against: the change within an L2 ball that raises its loss the most.

Projected gradient ascent on the loss (Madry et al., arXiv 1706.06083), in few steps. A network that
withstands it can be moved only by changes that look like the class, which is why its gradients dream
(Santurkar et al., arXiv 1906.09453).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from .net import SPREAD

STEP_SHARE = 0.7  # of the radius, so that two steps can cross the ball's middle and still reach its rim


def radius_of(strength: float, side_px: int) -> float:
    """The ball's radius in normalised units for a strength, which is the same for pictures of every size.

    The strength is the root mean square of the change per value, in steps of 255, at the ball's rim.
    """
    return strength / SPREAD * math.sqrt(3.0) * side_px


def attacked(
    network: nn.Module, images: Tensor, targets: Tensor, radius: float, steps: int, generator: torch.Generator
) -> Tensor:
    """Pictures (n, 3, h, w) moved against their targets by at most ``radius``.

    The radius is an L2 norm over one picture in normalised units; ``targets`` are probabilities (n, classes).
    The start is a random point halfway out in the ball. The network's mode is left as it is; its weights get
    no gradients.
    """
    if radius <= 0 or steps <= 0:
        return images
    change = torch.randn(images.shape, generator=generator).to(images)
    change = _scaled(change, radius / 2)
    for _ in range(steps):
        change.requires_grad_(True)
        loss = functional.cross_entropy(network(images + change), targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, change)
        change = change.detach() + _scaled(gradient, STEP_SHARE * radius)
        length = change.flatten(1).norm(dim=1).clamp_min(1e-12)
        change = change * (radius / length).clamp_max(1.0).view(-1, 1, 1, 1)
    return images + change.detach()


def _scaled(direction: Tensor, length: float) -> Tensor:
    norm = direction.flatten(1).norm(dim=1).clamp_min(1e-12)
    scale: Tensor = (length / norm).view(-1, 1, 1, 1)
    return direction * scale
