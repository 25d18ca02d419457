"""Deep dreaming as anyone would write it in PyTorch: what the engine has to beat.

Nothing here is the engine's. The networks are those of the papers, as modules whose convolutions come in the
order of the Caffe definitions, so that their weights can be filled in one after the other (`fill`):

    SqueezeNet v1.0, v1.1   Iandola et al. 2016 and their repository     to fire8, or to the classes' maps
    GoogLeNet               Szegedy et al. 2014                          to inception_4c
    VGG16                   Simonyan and Zisserman 2014                  to relu4_3

It is written to be fast as well as plain: channels_last, weights without gradients, ReLUs in place. The dream
is google/deepdream's: octaves 1.4 apart, a roll by up to 32 px, one step along the gradient brought to size.
It has no border around the picture and no filter on the gradient, both of which the engine pays for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

MEAN_RGB = (123.0, 117.0, 104.0)
STEP = 1.5 / 255
JITTER_PX = 32

Climbed = Callable[[Tensor], Tensor]
"""From the network's output (1, c, h, w) to the scalar that is climbed."""


def layer(top: Tensor) -> Tensor:
    """Return half the sum of squares, google/deepdream's objective."""
    return 0.5 * top.float().square().sum()


def channel(index: int) -> Climbed:
    """Return the sum over one channel: a class, where the output is the classes' maps."""
    return lambda top: top[:, index].float().sum()


class Conv(nn.Conv2d):
    """A convolution with its ReLU."""

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(super().forward(input), inplace=True)


class Pool(nn.Module):
    """Max pooling that counts the rim as Caffe does."""

    def __init__(self, kernel: int = 3, stride: int = 2, padding: int = 0) -> None:
        super().__init__()
        self.window = (kernel, stride, padding)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, *self.window, ceil_mode=True)


class Normalised(nn.Module):
    """Local response normalisation."""

    def forward(self, x: Tensor) -> Tensor:
        return F.local_response_norm(x, 5, alpha=1e-4, beta=0.75)


class Fire(nn.Module):
    """SqueezeNet's module."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = Conv(inputs, squeezed, 1)
        self.expand1x1 = Conv(squeezed, expanded, 1)
        self.expand3x3 = Conv(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return torch.cat([self.expand1x1(x), self.expand3x3(x)], 1)


class Inception(nn.Module):
    """GoogLeNet's module; the numbers are those of the paper's table, in its order."""

    def __init__(self, inputs: int, one: int, to3: int, three: int, to5: int, five: int, pooled: int) -> None:
        super().__init__()
        self.one = Conv(inputs, one, 1)
        self.three = nn.Sequential(Conv(inputs, to3, 1), Conv(to3, three, 3, padding=1))
        self.five = nn.Sequential(Conv(inputs, to5, 1), Conv(to5, five, 5, padding=2))
        self.pooled = nn.Sequential(Pool(3, 1, 1), Conv(inputs, pooled, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], 1)


def squeezenet_v1_0(*, classes: bool = False) -> nn.Module:
    """Return SqueezeNet v1.0 to fire8, or all of it."""
    fires = [Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128), Pool(), Fire(256, 32, 128)]
    fires += [Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256)]
    rest = [Pool(), Fire(512, 64, 256), Conv(512, 1000, 1, padding=1)] if classes else []
    return nn.Sequential(Conv(3, 96, 7, stride=2), Pool(), *fires, *rest)


def squeezenet_v1_1() -> nn.Module:
    """Return SqueezeNet v1.1 to fire8."""
    fires = [Fire(64, 16, 64), Fire(128, 16, 64), Pool(), Fire(128, 32, 128), Fire(256, 32, 128), Pool()]
    fires += [Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256)]
    return nn.Sequential(Conv(3, 64, 3, stride=2), Pool(), *fires)


def googlenet() -> nn.Module:
    """Return GoogLeNet to inception_4c."""
    stem = [Conv(3, 64, 7, stride=2, padding=3), Pool(), Normalised()]
    stem += [Conv(64, 64, 1), Conv(64, 192, 3, padding=1), Normalised(), Pool()]
    third = [Inception(192, 64, 96, 128, 16, 32, 32), Inception(256, 128, 128, 192, 32, 96, 64), Pool()]
    fourth = [Inception(480, 192, 96, 208, 16, 48, 64), Inception(512, 160, 112, 224, 24, 64, 64)]
    return nn.Sequential(*stem, *third, *fourth, Inception(512, 128, 128, 256, 24, 64, 64))


def vgg16() -> nn.Module:
    """Return VGG16 to relu4_3."""
    layers: list[nn.Module] = []
    for block in ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512)):
        layers += [*([Pool(2)] if layers else []), *(Conv(*pair, 3, padding=1) for pair in pairwise(block))]
    return nn.Sequential(*layers)


def fill(network: nn.Module, weights: Iterable[Sequence[NDArray[np.float32]]]) -> nn.Module:
    """Copy Caffe's (weight, bias) pairs in, in order; what the network does not reach is left over.

    Caffe's networks take BGR, so the first one's channels are turned round.
    """
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for convolution, (weight, bias) in zip(convolutions, weights, strict=False):
            convolution.weight.copy_(torch.from_numpy(np.array(weight)))
            convolution.bias.copy_(torch.from_numpy(np.array(bias)).flatten())  # type: ignore[union-attr]
        convolutions[0].weight.copy_(convolutions[0].weight.flip(1))
    return network


def ready(network: nn.Module, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """Return the network as it is used: on its device, in channels_last, with weights that stay."""
    return network.to(device, dtype).to(memory_format=torch.channels_last).requires_grad_(False).eval()  # type: ignore[call-overload, no-any-return]


def blob(picture: Tensor, dtype: torch.dtype) -> Tensor:
    """Return what the network takes of (1, 3, h, w) RGB 0..1."""
    mean = torch.tensor(MEAN_RGB, device=picture.device).view(1, 3, 1, 1)
    return (picture * 255 - mean).to(dtype).contiguous(memory_format=torch.channels_last)


def dream(
    network: nn.Module,
    picture: NDArray[np.float32],
    climbed: Climbed,
    iterations: Sequence[int],
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return the dream of a (3, h, w) picture, with so many iterations in each octave, coarsest first."""
    weight = next(network.parameters())
    random = np.random.default_rng(seed)
    full = torch.from_numpy(picture).to(weight.device)[None]
    height, width = picture.shape[1:]
    detail = torch.zeros(1, 3, 1, 1, device=weight.device)
    for octave, count in enumerate(iterations):
        shrink = 1.4 ** (len(iterations) - 1 - octave)
        size = (round(height / shrink), round(width / shrink))
        base = F.interpolate(full, size, mode="bilinear", antialias=True)
        x = base + F.interpolate(detail, size, mode="bilinear")
        for _ in range(count):
            down, right = (int(shift) for shift in random.integers(-JITTER_PX, JITTER_PX + 1, 2))
            x = x.roll((down, right), (2, 3)).requires_grad_()
            (gradient,) = torch.autograd.grad(climbed(network(blob(x, weight.dtype))), x)
            with torch.no_grad():
                x = x + STEP * gradient / gradient.abs().mean()
                x = x.clamp_(0, 1).roll((-down, -right), (2, 3))
        detail = x - base
    dreamt: NDArray[np.float32] = x[0].cpu().numpy()
    return dreamt
