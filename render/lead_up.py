"""Moments of a clip as the film will show them: the frames before them are dreamt too, but only the last few.

    the film        |0 1 2 … the shot … 33 34 35 36|
    moment 2         0 1 2                            from the beginning of its shot: the film's very frame
    moment 36                … 33 34 35 36            from a few frames before: near to it

What a frame of a film shows has come along from its shot's first frame. To dream all of a shot for one
moment of it would take as long as to render it, so a moment far into its shot is approached over a few
frames, run in like the beginning of a shot (`run_in`). Moments that lie near one another share the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from .carry import Carry, Dreamt, carry_for
from .flow import still_flow
from .frames import Frame, FrameDreamer, Picture
from .loop import FrameLoop, with_maps
from .map_supply import MapSupply
from .media.sources import open_source
from .progress import Progress, Silence
from .run_in import MOST_AHEAD
from .scout import Scout
from .scouting import Scouting
from .settings import ClipConfig, Settings

MOST_FRAMES = 12
"""How many frames before a moment are dreamt at most, beside those that are run in and thrown away."""


@dataclass(frozen=True)
class Stretch:
    """Frames of the film that are dreamt one after another, for moments within one shot."""

    first: int
    """The number of the first of them, which is run in."""
    asked: tuple[int, ...]
    """The numbers of those that are to be shown, ascending; the last one ends the stretch."""
    begins_shot: bool
    """Whether the first one is the first of its shot, so that all are the film's very frames."""

    @property
    def count(self) -> int:
        """How many frames it has."""
        return self.asked[-1] - self.first + 1


def stretches(asked: Iterable[int], cuts: Collection[int], most: int = MOST_FRAMES) -> list[Stretch]:
    """Return what is dreamt for frames of these numbers, ascending.

    `cuts` are the numbers of frames at which shots begin, as far as they lie within `most` frames before one
    that is asked for; the film's first frame always begins one.
    """
    found: list[Stretch] = []
    for number in sorted(set(asked)):
        shot = max((cut for cut in cuts if cut <= number), default=0)
        first = max(shot, number - most)
        if found and found[-1].asked[-1] >= first:
            found[-1] = replace(found[-1], asked=(*found[-1].asked, number))
        else:
            found.append(Stretch(first, (number,), first == shot))
    return found


class LeadUp:
    """Moments of a clip, and what is dreamt for them."""

    def __init__(self, clip: Path, times_s: Sequence[float], settings: Settings) -> None:
        """Find the moments' shots, near them alone. Raises UsageError for times outside the clip."""
        self._settings = settings
        self._source = open_source(clip, settings.clip)
        self.numbers = [self._source.number_at(time_s) for time_s in times_s]
        """The moments' frames, as the film numbers them."""
        self._carry: Carry = carry_for(settings.clip)
        cuts = tuple(sorted(set(_cuts_near(clip, self.numbers, settings.clip))))
        self.scout: Scout = Scouting(clip, self._carry, settings.clip, cuts, settings.device).scout()
        self.stretches = stretches(self.numbers, cuts)

    @property
    def frames(self) -> int:
        """How many frames are dreamt, those that are thrown away among them."""
        return sum(each.count + self.scout.run_in for each in self.stretches)

    def dreams(self, picture: Picture) -> Mapping[float, float]:
        """Return from a share of the iterations to how many dreams of that share there are, about.

        `picture` is any that the carry can be asked about.
        """
        frame = Frame(1, Fraction(1), picture)
        last = Dreamt(replace(frame, index=0), picture)
        share = self._carry.start(frame, last, still_flow(picture)).iterations_share
        whole = len(self.stretches)
        dreams = {share: float(self.frames - whole)}
        return {**dreams, 1.0: dreams.get(1.0, 0.0) + whole}

    def dreamt(self, dreamer: FrameDreamer, maps: MapSupply, progress: Progress) -> list[Picture]:
        """Dream the moments; `progress` is told of every frame, thrown away or not. Raises MediaError."""
        shown: dict[int, Picture] = {}
        for stretch in self.stretches:
            shown.update(self._of(stretch, dreamer, maps, progress))
        return [shown[number] for number in self.numbers]

    def _of(
        self, stretch: Stretch, dreamer: FrameDreamer, maps: MapSupply, progress: Progress
    ) -> Iterator[tuple[int, Picture]]:
        decoded = with_maps(self._source.frames(stretch.first), self._source.film.zero_s, maps)
        loop = FrameLoop(self._carry, dreamer, maps, _CountsAll(progress))
        for frame in loop.dreams(self.scout.look(decoded, stretch.first)):
            progress.frame_done()
            if frame.index in stretch.asked:
                yield frame.index, frame.picture
            if frame.index >= stretch.asked[-1]:
                return


class _CountsAll(Silence):
    """Counts frames that are thrown away like all others: they are half of what there is to wait for."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def run_in(self, left: int) -> None:
        """Count it."""
        self._progress.frame_done()


def _cuts_near(clip: Path, numbers: Sequence[int], config: ClipConfig) -> Iterator[int]:
    """Yield the cuts near frames of these numbers: as far before as is dreamt, as far after as is run in."""
    from .shots import cuts_between, listed_cuts

    if config.cuts == "none":
        return
    if config.cuts != "auto":
        yield from listed_cuts(config.cuts, clip, config)
        return
    for number in numbers:
        yield from cuts_between(clip, config, number - MOST_FRAMES, number + MOST_AHEAD)
