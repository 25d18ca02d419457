"""What a clip is analyzed for, as far as it is wanted: where shots begin, how it moves, what repeats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..carry.carry import Carry
from ..events.events import OnEvent, unheard
from ..settings.settings import ClipConfig
from ..signals import terminate_as_interrupt
from .analyze import Analyzer, RepeatDetector


@dataclass(frozen=True)
class ClipAnalysis:
    """What a clip's analyzer is made of."""

    source: Path
    carry: Carry
    config: ClipConfig
    cuts: tuple[int, ...] | None
    """The film's frames at which a shot begins; None where they are to be found, which decodes the clip."""
    device: str
    """The render's: flow is estimated on a graphics card too."""

    def with_cuts(self, on_event: OnEvent = unheard) -> ClipAnalysis:
        """Return the same with its cuts, found where they are not known.

        `on_event` hears of every frame that was looked at. Raises MediaError for a clip that cannot be
        decoded.
        """
        if self.cuts is not None:
            return self
        from .cuts import find_cuts

        with terminate_as_interrupt():
            return replace(self, cuts=find_cuts(self.source, self.config, on_event))

    def analyzer(self) -> Analyzer:
        """Return the analyzer, having found the cuts. Raises as `with_cuts` does."""
        estimate_flow = None
        if self.carry.needs_flow:
            from ..motion.choose import choose_estimator

            estimate_flow = choose_estimator(self.config.flow, self.device).between
        repeats = _new_repeats if self.config.repeats else None
        warm_up = min(self.config.run_in_frames, self.carry.lasting_frames)
        return Analyzer(self.with_cuts().cuts or (), estimate_flow, repeats, warm_up)


def analysis_of(source: Path, carry: Carry, config: ClipConfig, device: str) -> ClipAnalysis:
    """Return how a clip is analyzed for a render on `device`; where nothing is carried, nothing needs cuts.

    Raises UsageError at once for cuts outside the clip.
    """
    cuts: tuple[int, ...] | None = ()
    if config.cuts == "auto":
        cuts = None
    elif config.cuts != "none":
        from .cuts import listed_cuts

        cuts = listed_cuts(config.cuts, source, config)
    return ClipAnalysis(source, carry, config, cuts if carry.carries else (), device)


def _new_repeats() -> RepeatDetector:
    from .repeats import Repeats

    return Repeats()
