"""Makes a clip's scout: where shots begin, how the picture moves, what repeats, as far as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..carry.carry import Carry
from ..events import OnEvent, unheard
from ..settings import ClipConfig
from ..signals import terminate_as_interrupt
from .analyze import Scout, TellsRepeats


@dataclass(frozen=True)
class Scouting:
    """What a clip's scout is made of."""

    source: Path
    carry: Carry
    config: ClipConfig
    cuts: tuple[int, ...] | None
    """The film's frames at which a shot begins; None where they are to be found, which decodes the clip."""
    device: str
    """The render's: flow is measured on a graphics card too."""

    def searched(self, on_event: OnEvent = unheard) -> Scouting:
        """Return the same with its cuts, found where they are not known.

        `on_event` hears of every frame that was looked at. Raises MediaError for a clip that cannot be
        decoded.
        """
        if self.cuts is not None:
            return self
        from .cuts import find_cuts

        with terminate_as_interrupt():
            return replace(self, cuts=find_cuts(self.source, self.config, on_event))

    def scout(self) -> Scout:
        """Return the scout, having found the cuts. Raises as `searched` does."""
        measure = None
        if self.carry.needs_flow:
            from ..motion.choose import choose_estimator

            measure = choose_estimator(self.config.flow, self.device).between
        repeats = _new_repeats if self.config.repeats else None
        run_in = min(self.config.run_in_frames, self.carry.lasting_frames)
        return Scout(self.searched().cuts or (), measure, repeats, run_in)


def scouting(source: Path, carry: Carry, config: ClipConfig, device: str) -> Scouting:
    """Return what makes the scout for a render on `device`; without a carry nothing needs cuts.

    Raises UsageError at once for cuts outside the clip.
    """
    cuts: tuple[int, ...] | None = ()
    if config.cuts == "auto":
        cuts = None
    elif config.cuts != "none":
        from .cuts import listed_cuts

        cuts = listed_cuts(config.cuts, source, config)
    return Scouting(source, carry, config, cuts if carry.carries else (), device)


def _new_repeats() -> TellsRepeats:
    from .repeats import Repeats

    return Repeats()
