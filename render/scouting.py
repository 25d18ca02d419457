"""Makes a clip's scout: where shots begin, how the picture moves, what repeats, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from .carry import Carry, NoCarry
from .scout import Scout, TellsRepeats
from .settings import ClipConfig


def looks_for_cuts(carry: Carry, config: ClipConfig) -> bool:
    """Tell whether cuts are to be found; without a carry nothing needs them."""
    return config.cuts == "auto" and not isinstance(carry, NoCarry)


def scouting(source: Path, carry: Carry, config: ClipConfig) -> Callable[[], Scout]:
    """Return what makes the scout. Raises UsageError at once for cuts outside the clip."""
    listed: tuple[int, ...] = ()
    if config.cuts not in ("auto", "none"):
        from .shots import cut_frames

        listed = cut_frames(source, config)
    return partial(_scout, source, carry, config, () if isinstance(carry, NoCarry) else listed)


def _scout(source: Path, carry: Carry, config: ClipConfig, cuts: tuple[int, ...]) -> Scout:
    measure = None
    if carry.needs_flow:
        from .flow import FlowMeter

        measure = FlowMeter(config.flow).between
    if looks_for_cuts(carry, config):
        from .shots import find_cuts

        cuts = find_cuts(source, config)
    return Scout(cuts, measure, _new_repeats if config.repeats else None)


def _new_repeats() -> TellsRepeats:
    from .repeats import Repeats

    return Repeats()
