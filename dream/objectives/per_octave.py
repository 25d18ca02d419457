"""What each octave climbs, and how it meets the picture: the same for all, unless they have own targets.

Of several networks, those that have something to dream of are joined (`gradient.joint`). The view that they
look through suits the largest: its border is the widest that any of them needs, its tiles are those of the
largest input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ...models.network import Network, ReceptiveField
from ..config.dream import DreamConfig
from ..device import choose_dtype
from ..ensemble import Ensemble
from ..gradient.function import GradientFunction
from ..gradient.joint import Inset, JointGradient
from ..gradient.network import NetworkGradient
from ..memory import half_of_memory_mib
from ..targets.resolved import ResolvedTargets
from ..targets.sharing import share_out
from ..targets.targets import Targets
from ..tiling.choice import choose_tiling
from ..tiling.tiling import Tiling, TilingOptions
from .build import build_objective
from .octave_targets import targets_per_octave

# On the CPU more is not faster: large tensors are new pages every time (docs/engine.md, "Memory").
_ENOUGH_MIB = 512
_LEAST_BORDER_PX, _WIDEST_BORDER_PX = 16, 128
# Where an objective reads something of the whole image, border included.
_BORDER_OF_WHOLE_PX = 32


@dataclass(frozen=True, eq=False)
class OctaveObjective:
    """What an octave climbs: the gradient of some targets and the views it is taken over (`tiling`)."""

    tiling: Tiling
    description: str
    """The targets in words."""
    dreaming: frozenset[str]
    """The networks that have something to dream of, by their names in the ensemble."""


def objectives_per_octave(
    ensemble: Ensemble[Network], targets: Targets, config: DreamConfig, device: torch.device
) -> tuple[OctaveObjective, ...]:
    """Return one objective per octave, coarsest first: the very same one where the targets are the same.

    Raises TargetError when the networks have no such target, or no octave is left for `targets`.
    """
    wanted = targets_per_octave(ensemble, targets, config)
    built = {each: _octave_objective(ensemble, each, config, device) for each in dict.fromkeys(wanted)}
    return tuple(built[each] for each in wanted)


def _octave_objective(
    ensemble: Ensemble[Network], targets: Targets, config: DreamConfig, device: torch.device
) -> OctaveObjective:
    shared = share_out(targets, ensemble, config.seed)
    dreaming = [
        (member, *_gradient_and_border(resolved, member.network, config, device))
        for member, resolved in zip(ensemble, shared.resolved, strict=True)
        if resolved.has_weight
    ]
    members, gradients, borders_px = zip(*dreaming, strict=True)
    sizes = [member.network.input_size for member in members]
    heights, widths = zip(*sizes, strict=True)
    options = TilingOptions((max(heights), max(widths)), max(borders_px), config.pad, config.seed)
    if len(gradients) == 1:
        gradient: GradientFunction = gradients[0]
    else:
        insets = [
            Inset(max(borders_px) - px, own.smallest_view)
            for px, own in zip(borders_px, gradients, strict=True)
        ]
        weights = [member.weight for member in members]
        gradient = JointGradient(gradients, weights, insets if config.tiles == "dense" else ())
    names = frozenset(member.name for member in members)
    return OctaveObjective(choose_tiling(config.tiles, gradient, options), shared.description, names)


def _gradient_and_border(
    resolved: ResolvedTargets, network: Network, config: DreamConfig, device: torch.device
) -> tuple[NetworkGradient, int]:
    """Return the gradient of one network's targets, and the width of the border that it wants, in pixels."""
    dtype = choose_dtype(config.precision, device, network.backend)
    dense, objective = build_objective(resolved, network)
    gradient = NetworkGradient(
        dense.to(device, dtype),
        objective,
        itemsize=dtype.itemsize,
        memory_mib=config.memory_mib or half_of_memory_mib(device),
        enough_mib=_ENOUGH_MIB if device.type == "cpu" and config.memory_mib is None else None,
    )
    return gradient, _border_px(dense, gradient) if config.border_px is None else config.border_px


def _border_px(network: Network, gradient: NetworkGradient) -> int:
    if gradient.receptive_field is None:
        return _BORDER_OF_WHOLE_PX
    picking = {layer.name for layer in network.layers if layer.is_max_pooling}
    if network.class_layer in picking.intersection(gradient.objective.layers):
        # A score that is the best place's of a window finds that in half a thing and its mirror image, at the
        # picture's edge, and whole things are dreamt nowhere.
        return gradient.stride
    return border_for(gradient.receptive_field)


def border_for(field: ReceptiveField) -> int:
    """Return the width of a border, in pixels, with which the picture's rim dreams like its inside.

    The rim needs cells beyond it that look at it. The first one lies some way inside the view; from there,
    three quarters of a look's standard deviation will do (docs/engine.md, "What lies beyond the edge").
    """
    wanted = max(field.first + 0.75 * field.spread, _LEAST_BORDER_PX)
    return min(math.ceil(wanted / field.stride) * field.stride, _WIDEST_BORDER_PX)
