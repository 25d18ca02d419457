"""What each octave dreams of: the dream's own targets, unless a schedule gives it others."""

from __future__ import annotations

from contextlib import suppress

from ...errors import TargetError
from ...models.network import Listing
from ...models.outline import UndecidedError
from ..config.dream import DreamConfig
from ..ensemble import Ensemble
from ..targets.kinds.layers import LayerTarget
from ..targets.sharing import share_out
from ..targets.targets import Targets


def targets_per_octave(ensemble: Ensemble[Listing], targets: Targets, config: DreamConfig) -> list[Targets]:
    """Return the targets of every octave, coarsest first.

    Raises TargetError when no octave is left for `targets`.
    """
    plans = config.plans()
    if not targets.empty and not any(_nothing_of_its_own(plan.targets, ensemble) for plan in plans):
        words = ", ".join(target.entry for target in targets.all)
        raise TargetError(
            f"the schedule says what every octave dreams of, so nothing would come of {words}: "
            "leave it out, or the targets of an octave in the schedule."
        )
    return [targets if _nothing_of_its_own(plan.targets, ensemble) else plan.targets for plan in plans]


def check_targets(outlines: Ensemble[Listing], targets: Targets, config: DreamConfig) -> None:
    """Look up all targets, as far as the outlines of the networks tell, before these are loaded.

    Raises what `share_out` and `targets_per_octave` do.
    """
    with suppress(UndecidedError):
        for wanted in targets_per_octave(outlines, targets, config):
            share_out(wanted, outlines, config.seed)


def _nothing_of_its_own(targets: Targets, ensemble: Ensemble[Listing]) -> bool:
    """Tell an octave that dreams what the others do: deepdraw says so by the layer of the class scores."""
    scores = (member.network.class_layer or "" for member in ensemble)
    return targets.empty or any(targets == Targets(layers=[LayerTarget(layer=layer)]) for layer in scores)
