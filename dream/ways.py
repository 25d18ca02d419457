"""What each octave climbs, and how it meets the picture: the same for all, unless they have own targets."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..models.network import Network
from .aim import aim
from .config import DreamConfig
from .device import choose_dtype, half_of_memory_mib
from .gradient import GradientField
from .octave_targets import targets_per_octave
from .target_config import Targets
from .targets import resolve_targets
from .tiling.choice import choose_tiling
from .tiling.tiling import Surroundings, Tiling

# On the CPU more is not faster: large tensors are new pages every time (docs/engine.md, "Memory").
_ENOUGH_MIB = 1024


@dataclass(frozen=True, eq=False)
class Way:
    """The gradient of some targets, the windows it is looked at through, and the targets in words."""

    field: GradientField
    tiling: Tiling
    description: str


def ways_per_octave(
    network: Network, targets: Targets, config: DreamConfig, device: torch.device
) -> tuple[Way, ...]:
    """Return one way per octave, coarsest first: the very same one where the targets are the same.

    Raises TargetError when the network has no such target, or no octave is left for `targets`.
    """
    found: dict[str, Way] = {}
    ways = []
    for wanted in targets_per_octave(network, targets, config):
        key = wanted.model_dump_json()
        if key not in found:
            found[key] = _way(network, wanted, config, device)
        ways.append(found[key])
    return tuple(ways)


def _way(network: Network, targets: Targets, config: DreamConfig, device: torch.device) -> Way:
    resolved = resolve_targets(targets, network, config.seed)
    dtype = choose_dtype(config.precision, device)
    dense, objective = aim(resolved, network)
    field = GradientField(
        dense.to(device, dtype),
        objective,
        itemsize=dtype.itemsize,
        memory_mib=config.memory_mib or half_of_memory_mib(device),
        enough_mib=_ENOUGH_MIB if device.type == "cpu" and config.memory_mib is None else None,
    )
    border_px = _border_px(dense, field) if config.border_px is None else config.border_px
    around = Surroundings(network.input_size, border_px, config.pad, config.seed)
    return Way(field, choose_tiling(config.tiles, field, around), resolved.describe(network))


def _border_px(network: Network, field: GradientField) -> int:
    picking = {layer.name for layer in network.layers if layer.picks}
    if network.class_layer in picking.intersection(field.objective.layers):
        # A score that is the best place's of a window finds that in half a thing and its mirror image, at the
        # picture's edge, and whole things are dreamt nowhere.
        return field.stride
    return border_for(field.halo)


def border_for(halo: int) -> int:
    """Return the width of a border, in pixels, with which the picture's rim dreams like its inside.

    The rim needs positions beyond it that look at it. `halo` is how far they look at most; what they see
    fades from the middle, so a third will do (docs/engine.md, "What lies beyond the edge").
    """
    return min(max(16 * round(halo / 48), 32), 128)
