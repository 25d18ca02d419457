"""From what a user wants to what a network has: which classes, layers, channels and places are meant.

Each target finds itself (`Target.find`); what meets in one thing, in the same region, adds up its weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ...errors import TargetError
from ...models.network import Listing
from .classes import RandomClasses
from .find_classes import Draws
from .kinds.classes import ClassTarget
from .resolved import Found, ResolvedTargets
from .target import Target
from .targets import Targets


def resolve_targets(targets: Targets, network: Listing, seed: int) -> ResolvedTargets:
    """Look every target up in the network; without any target, one class is drawn by the seed.

    Raises ClassNotFoundError, LayerNotFoundError, TargetError, and what `class_files.read_class_file` raises,
    naming the entry and what comes nearest.
    """
    resolved = look_up(one_class_if_empty(targets), network, Draws(seed))
    refuse_without_weight([resolved])
    return resolved


def one_class_if_empty(targets: Targets) -> Targets:
    """Return the targets; where there are none, a class that is drawn."""
    return Targets(classes=[ClassTarget(RandomClasses(1))]) if targets.empty else targets


def refuse_without_weight(several: Iterable[ResolvedTargets]) -> None:
    """Raise TargetError where nothing has a weight."""
    if not any(resolved.has_weight for resolved in several):
        raise TargetError(
            "all targets weigh 0, so there is nothing to dream of: give one a weight other than 0"
        )


def look_up(targets: Targets, network: Listing, draws: Draws) -> ResolvedTargets:
    """Return what the targets are in the network, be it nothing. Raises as `resolve_targets` does."""
    return ResolvedTargets({name: _found(several, network, draws) for name, several in targets.by_kind})


def _found(targets: Iterable[Target], network: Listing, draws: Draws) -> dict[Found, float]:
    weights: dict[Found, float] = defaultdict(float)
    for target in targets:
        for found, weight in target.find(network, draws):
            weights[found] += weight
    ordered = dict(sorted(weights.items(), key=lambda pair: pair[0].order))
    for kind in dict.fromkeys(type(found) for found in ordered):
        kind.check({found: weight for found, weight in ordered.items() if type(found) is kind}, network)
    return ordered
