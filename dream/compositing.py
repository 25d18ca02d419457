"""Compositing: what of a dream is let into the picture, once its steps are over.

    dream -> colours matched to the source's -> the source's hue and saturation -> blended with the source

Every tool moves the dream towards its source and none away from it, so a film may carry composited frames
along: nothing piles up. Where the mask is 0 the source stays as it is, to the bit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .config.compositing import CompositingConfig
from .maps import LUMA

# Added to both covariances, so that a grey picture, which has no spread in some directions, can be matched:
# far less than a level of 255 squared.
_LEAST_VARIANCE = 1e-7


def composite(dream: Tensor, source: Tensor, config: CompositingConfig, mask: Tensor | None = None) -> Tensor:
    """Return the dream (n, 3, h, w), RGB 0..1, with as much of its source as `config` says.

    `mask`, (n, 1, h, w) 0..1, limits all of it to where the picture was dreamt.
    """
    done = dream
    if config.match_colour:
        where = torch.ones_like(dream[:, :1]) if mask is None else mask
        moved = torch.cat([match_colours(*each) for each in zip(dream, source, where, strict=True)])
        done = done + config.match_colour * where * (moved - done)
    if config.keep_colour:
        done = with_colours_of(source, done)
    if config.blend < 1:
        done = source + config.blend * (done - source)
    return done if mask is None else torch.where(mask > 0, done, source)


def with_colours_of(source: Tensor, dream: Tensor) -> Tensor:
    """Return pictures with the brightness of `dream` and the hue and saturation of `source`.

    Brightness is Rec. 709's luma; a colour is what is left beside it, and stays as it is. Where there is no
    room for that colour so near to black or white, it is made paler until there is: hue and brightness hold.
    """
    weights = torch.tensor(LUMA, device=dream.device).view(1, 3, 1, 1)
    grey = (dream * weights).sum(1, keepdim=True).clamp(0.0, 1.0)
    colour = source - (source * weights).sum(1, keepdim=True)
    above = (1.0 - grey) / colour.amax(1, keepdim=True).clamp(min=1e-6)
    below = grey / (-colour.amin(1, keepdim=True)).clamp(min=1e-6)
    return (grey + colour * torch.minimum(above, below).clamp(max=1.0)).clamp(0.0, 1.0)


def match_colours(dream: Tensor, source: Tensor, mask: Tensor) -> Tensor:
    """Return one picture (1, 3, h, w) of (3, h, w) with the mean and covariance of the source's colours.

    The transform is linear, and of all that do it the one that moves colours least: Pitié and Kokaram,
    The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer, 2007. `mask`
    (1, h, w) weighs the pixels that both are measured over. Values that leave 0..1 are cut.
    """
    if not bool(mask.any()):
        return dream[None]
    mean, spread = _statistics(dream, mask)
    goal, wanted = _statistics(source, mask)
    root = _power(spread, 0.5)
    back = _power(spread, -0.5)
    linear = (back @ _power(root @ wanted @ root, 0.5) @ back).to(dream)
    moved = torch.einsum("ij,jhw->ihw", linear, dream - mean.to(dream).view(3, 1, 1))
    return (moved + goal.to(dream).view(3, 1, 1)).clamp_(0.0, 1.0)[None]


def _statistics(picture: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean (3) and covariance (3, 3) of the colours, on the CPU.

    Sums are in float64: they depend on the number of threads only beyond what float32 pictures can show.
    """
    shares = weights.cpu().double().flatten()
    shares /= shares.sum()
    mean = torch.stack([(channel.cpu().double().flatten() * shares).sum() for channel in picture])
    covariance = _LEAST_VARIANCE * torch.eye(3, dtype=torch.float64)
    for i in range(3):  # one product at a time: a large frame's nine would be nine large frames
        weighed = (picture[i].cpu().double().flatten() - mean[i]) * shares
        for j in range(i + 1):
            covariance[i, j] += (weighed * (picture[j].cpu().double().flatten() - mean[j])).sum()
            covariance[j, i] = covariance[i, j]
    return mean, covariance


def _power(matrix: Tensor, exponent: float) -> Tensor:
    sizes, axes = torch.linalg.eigh(matrix)
    powered: Tensor = axes * sizes.clamp(min=_LEAST_VARIANCE**2).pow(exponent) @ axes.T
    return powered
